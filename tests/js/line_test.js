import { lineEvidence } from "/static/uploads/js/engine/single-put.js";
import { equal, ok } from "./assert.js";
import { pass, ramped, stopClock } from "./clock.js";
import { entries, fakeApi, file, MIB, queueOn, sized } from "./fakes.js";
import { queueWith } from "./queues.js";

const URL_OF_PUT = "https://bucket.example/a/b.txt?x-oss-date=1";

/** Takes the place of `fetch`; requests are noted. */
function answer(run) {
  const seen = [];
  globalThis.fetch = (url, request) => {
    seen.push([url, request.method, request.mode, request.credentials]);
    return run(request);
  };
  return seen;
}

function setOnline(online) {
  Object.defineProperty(navigator, "onLine", { value: online, configurable: true });
}

const broken = async () => {
  throw new TypeError("Failed to fetch");
};

export async function it_asks_the_host_alone_and_without_cors() {
  const seen = answer(async () => new Response());
  equal(await lineEvidence(URL_OF_PUT), { online: true, reached: true });
  equal(seen, [["https://bucket.example", "HEAD", "no-cors", "omit"]]);
}

export async function it_says_that_the_host_does_not_answer() {
  answer(broken);
  equal(await lineEvidence(URL_OF_PUT), { online: true, reached: false });
}

export async function it_asks_nobody_without_a_network() {
  setOnline(false);
  const seen = answer(broken);
  equal(await lineEvidence(URL_OF_PUT), { online: false, reached: null });
  equal(seen, []);
}

export async function it_waits_five_seconds_for_a_host_that_hangs() {
  stopClock();
  answer(({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stop")))));
  const asked = lineEvidence(URL_OF_PUT);
  await pass(5000);
  equal(await asked, { online: true, reached: false });
}

export async function it_goes_with_the_report_of_a_put_that_got_no_answer() {
  stopClock();
  answer(({ method }) => (method === "HEAD" ? Promise.resolve(new Response()) : broken()));
  const api = fakeApi();
  queueOn(api).add(entries(file()));
  await pass(200);
  const [{ status, evidence }] = api.called("results").flat();
  equal([status, evidence], [null, '{"online":true,"reached":true}']);
}

export async function it_is_not_asked_for_with_every_part_but_once_with_the_last() {
  stopClock();
  Math.random = () => 0.5;
  const seen = answer(({ method }) => (method === "HEAD" ? Promise.resolve(new Response()) : broken()));
  const api = fakeApi();
  queueOn(api).add(entries(sized(150 * MIB)));
  await pass(50_000);
  ok(seen.length === 9 && seen.every(([, method]) => method === "PUT"), "the host was asked");
  await pass(100_000);
  equal(seen.filter(([, method]) => method === "HEAD").length, 1);
  equal(api.called("results").flat().map(({ evidence }) => evidence), ['{"online":true,"reached":true}']);
}

export async function it_does_not_wait_for_a_connection_behind_the_next_file() {
  stopClock();
  let breakFirst;
  const seen = answer(() => new Promise((_, reject) => (breakFirst ??= reject)));
  await queueWith(8);
  await ramped();
  breakFirst(new TypeError("Failed to fetch"));
  await pass(100);
  equal(seen.map(([, method]) => method), [...Array(6).fill("PUT"), "HEAD", "PUT"]);
}
