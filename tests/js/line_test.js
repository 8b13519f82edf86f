import { lineEvidence } from "/static/uploads/js/engine/line.js";
import { singlePut } from "/static/uploads/js/engine/single-put.js";
import { equal } from "./assert.js";
import { file } from "./fakes.js";
import { pass, stopClock } from "./clock.js";

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

const lane = () => new AbortController();
const broken = async () => {
  throw new TypeError("Failed to fetch");
};

export async function it_asks_the_host_alone_and_without_cors() {
  const seen = answer(async () => new Response());
  equal(await lineEvidence(URL_OF_PUT, lane()), { online: true, reached: true });
  equal(seen, [["https://bucket.example", "HEAD", "no-cors", "omit"]]);
}

export async function it_says_that_the_host_does_not_answer() {
  answer(broken);
  equal(await lineEvidence(URL_OF_PUT, lane()), { online: true, reached: false });
}

export async function it_asks_nobody_without_a_network() {
  setOnline(false);
  const seen = answer(broken);
  equal(await lineEvidence(URL_OF_PUT, lane()), { online: false, reached: null });
  equal(seen, []);
}

export async function it_does_not_know_when_it_was_stopped() {
  const stopped = lane();
  answer(async () => {
    stopped.abort();
    return broken();
  });
  equal(await lineEvidence(URL_OF_PUT, stopped), { online: true, reached: null });
}

export async function it_waits_five_seconds_for_a_host_that_hangs() {
  stopClock();
  answer(({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stop")))));
  const asked = lineEvidence(URL_OF_PUT, lane());
  await pass(5000);
  equal(await asked, { online: true, reached: false });
}

export async function it_goes_with_the_answer_of_a_put_that_got_none() {
  answer(({ method }) => (method === "HEAD" ? Promise.resolve(new Response()) : broken()));
  const grant = { method: "PUT", url: URL_OF_PUT, headers: {} };
  const { answer: said } = await singlePut(grant, file(), { signal: lane().signal, blockedOrigins: new Set() });
  equal(said, { status: null, evidence: '{"online":true,"reached":true}' });
}
