import { equal } from "./assert.js";
import { pass, ramped, settled, stopClock } from "./clock.js";
import { answerPuts, entries, fakeApi, file, holdPuts, KIB, queueOn, sized } from "./fakes.js";
import { queueWith, statesOf } from "./queues.js";

/** A server that finds nothing where no answer came. */
const findsOnlyWhatWasAnswered = {
  results: async (results, { said }) =>
    results.map(({ id, status }) => (status === 200 ? said(id, "stored") : said(id, "failed", { retry: "same", cause: LOST }))),
};
const LOST = { code: "connection_broke", message: "The connection broke." };

export async function it_sends_again_what_did_not_arrive_and_goes_on_with_the_others_meanwhile() {
  stopClock();
  Math.random = () => 1;
  const puts = holdPuts();
  const queue = await queueWith(8, fakeApi(findsOnlyWhatWasAnswered));
  await ramped();
  puts[0].reject(new TypeError("Failed to fetch"));
  for (const put of puts) put.answer();
  await pass(100);
  for (const put of puts) put.answer();
  await pass(200);
  equal(statesOf(queue), ["waiting", ...Array(7).fill("stored")]);
  await pass(500);
  const [upload] = queue.uploads;
  equal([upload.state, upload.attempt, puts.length], ["sending", 2, 9]);
  puts[8].answer();
  await pass(200);
  equal([queue.tally.state, upload.cause], ["done", null]);
}

export async function it_gives_up_after_ten_failures_in_a_row_and_says_why() {
  stopClock();
  Math.random = () => 0.5;
  const api = fakeApi(findsOnlyWhatWasAnswered);
  globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
  const queue = await queueWith(1, api);
  await pass(59_000);
  const [upload] = queue.uploads;
  equal(["waiting", "sending", "checking"].includes(upload.state), true, upload.state);
  await pass(90_000);
  equal([upload.state, upload.cause, upload.canRetry], ["failed", LOST, true]);
  equal(api.called("grants").length, 10);
  equal(new Set(api.called("grants").flat().map(({ id }) => id)).size, 1);
}

export async function it_outlives_an_outage_of_less_than_a_minute_however_short_its_pauses_were() {
  stopClock();
  Math.random = () => 0.05;
  const queue = await queueWith(3, fakeApi(findsOnlyWhatWasAnswered));
  globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
  await pass(59_000);
  answerPuts(200);
  await pass(5000);
  equal(statesOf(queue), ["stored", "stored", "stored"]);
}

export async function it_does_not_repeat_what_the_server_calls_final() {
  stopClock();
  answerPuts(403);
  const api = fakeApi({ results: async ([{ id }], { said }) => [said(id, "failed", { retry: "new", cause: LOST })] });
  const queue = await queueWith(1, api);
  await pass(600_000);
  equal([statesOf(queue), api.called("grants").length], [["failed"], 1]);
}

const unreadable = (name) => async () => Promise.reject(new DOMException("", name));

export async function it_says_that_a_file_changed_and_takes_it_when_it_is_chosen_again() {
  stopClock();
  const puts = holdPuts();
  const changed = sized(200 * KIB, "report.pdf");
  const queue = queueOn();
  queue.add(entries(changed));
  await settled();
  changed.slice = () => ({ arrayBuffer: unreadable("NotReadableError") });
  puts[0].reject(new TypeError("Failed to fetch"));
  await pass(100);
  const [upload] = queue.uploads;
  equal([upload.state, upload.cause.code, upload.canRetry], ["failed", "file_changed", false]);
  queue.add(entries(file("report.pdf", "other content", { lastModified: 2 })));
  await pass(0);
  equal(statesOf(queue), ["sending"]);
}

export async function it_says_that_a_file_is_gone_and_goes_on_with_the_others() {
  stopClock();
  holdPuts();
  const gone = file("report.pdf");
  gone.arrayBuffer = unreadable("NotFoundError");
  const queue = queueOn();
  queue.add(entries(gone, file("other.txt")));
  await settled();
  equal([...queue.uploads].map(({ state, cause }) => [state, cause?.code]), [["failed", "file_gone"], ["sending", undefined]]);
}

export async function it_says_that_its_own_policy_kept_it_from_the_storage() {
  stopClock();
  const puts = holdPuts();
  const queue = await queueWith(1);
  queue.lanes.blockedOrigins.add("https://bucket.example");
  puts[0].reject(new TypeError("Failed to fetch"));
  await pass(100);
  const [upload] = queue.uploads;
  equal([upload.state, upload.cause.code, upload.canRetry], ["failed", "blocked_by_policy", true]);
}

export async function it_gives_up_a_put_that_hangs() {
  stopClock();
  holdPuts();
  const api = fakeApi();
  await queueWith(1, api);
  await pass(32_000);
  equal(api.called("results")[0][0].status, null);
}

export async function it_asks_for_a_fresh_url_for_each_try_without_a_report_where_the_storage_was_busy() {
  stopClock();
  Math.random = () => 0;
  const statuses = [503, 500, 429, 200];
  globalThis.fetch = async () => new Response("", { status: statuses.shift() });
  const api = fakeApi();
  const queue = await queueWith(1, api);
  await pass(1000);
  equal([statesOf(queue), api.called("grants").length], [["stored"], 4]);
  equal(api.called("results").flat().map(({ status }) => status), [200]);
}
