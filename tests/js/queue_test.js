import { equal, ok } from "./assert.js";
import { pass, settled, stopClock } from "./clock.js";
import { answerPuts, entries, fakeApi, file, files, holdPuts, KIB, queueOn, sized } from "./fakes.js";

function statesOf(queue) {
  return [...queue.uploads].map(({ state }) => state);
}

async function queueWith(count, api = fakeApi()) {
  const queue = queueOn(api);
  queue.add(entries(...files(count)));
  await settled();
  return queue;
}

export async function it_sends_exactly_what_was_granted() {
  stopClock();
  const puts = holdPuts();
  await queueWith(1);
  const [{ url, request }] = puts;
  ok(url.startsWith("https://bucket.example/"), url);
  equal([request.method, request.headers], ["PUT", { "Content-Type": "text/plain" }]);
  equal(new TextDecoder().decode(request.body), "hello");
  ok(!("cache" in request), "a cache option makes the browser send Cache-Control");
}

export async function it_sends_six_at_a_time() {
  stopClock();
  const puts = holdPuts();
  await queueWith(10);
  equal(puts.length, 6);
  puts[3].answer();
  await pass(0);
  equal(puts.length, 7);
}

export async function it_shows_no_tick_before_the_word_of_the_server() {
  stopClock();
  answerPuts();
  const queue = await queueWith(1);
  equal(statesOf(queue), ["checking"]);
  await pass(100);
  equal(statesOf(queue), ["stored"]);
}

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

export async function it_does_not_repeat_what_the_server_calls_final() {
  stopClock();
  answerPuts(403);
  const api = fakeApi({ results: async ([{ id }], { said }) => [said(id, "failed", { retry: "new", cause: LOST })] });
  const queue = await queueWith(1, api);
  await pass(600_000);
  equal([statesOf(queue), api.called("grants").length], [["failed"], 1]);
}

export async function it_counts_nothing_as_sent_of_a_file_that_the_storage_has_not_taken() {
  stopClock();
  const puts = holdPuts();
  const api = fakeApi({ results: async (results, { said }) => results.map(({ id }) => said(id, "checking")) });
  const queue = await queueWith(2, api);
  puts[0].answer();
  puts[1].answer(403);
  await pass(200);
  equal([statesOf(queue), queue.progress.sentBytes, queue.progress.totalBytes], [["checking", "checking"], 5, 10]);
}

export async function it_goes_on_asking_about_a_file_that_had_arrived_in_an_earlier_visit() {
  stopClock();
  answerPuts();
  const api = fakeApi({ grants: async (asked, { said }) => asked.map(({ id }) => said(id, "checking")) });
  const queue = await queueWith(1, api);
  await pass(1100);
  equal([statesOf(queue), api.called("status").length], [["stored"], 1]);
}

export async function it_asks_the_server_what_an_ambiguous_answer_means() {
  stopClock();
  const puts = holdPuts();
  const api = fakeApi();
  const queue = await queueWith(2, api);
  puts[0].answer(409);
  puts[1].reject(new TypeError("Failed to fetch"));
  await pass(300);
  equal(api.called("results").flat().map(({ status }) => status), [409, null]);
  equal(statesOf(queue), ["stored", "stored"]);
}

export async function it_reports_a_thousand_small_files_in_few_requests() {
  stopClock();
  answerPuts();
  const api = fakeApi();
  const queue = await queueWith(1000, api);
  for (let turn = 0; turn < 400 && queue.tally.state !== "done"; turn += 1) await pass(10);
  equal(queue.tally.files("stored"), 1000);
  ok(api.called("grants").length <= 12, `${api.called("grants").length} calls for grants`);
  ok(api.called("results").length <= 35, `${api.called("results").length} calls with results`);
}

export async function it_stops_a_put_that_is_cancelled_and_tells_the_server() {
  stopClock();
  const puts = holdPuts();
  const api = fakeApi();
  const queue = await queueWith(7, api);
  const [first] = queue.uploads;
  queue.cancel(first);
  await pass(100);
  ok(puts[0].request.signal.aborted, "the PUT goes on");
  equal([first.state, first.canRetry, puts.length], ["cancelled", true, 7]);
  equal(api.called("cancel"), [[first.id]]);
  equal(api.called("results"), []);
}

export async function it_sends_a_cancelled_file_again_as_a_new_one() {
  stopClock();
  const puts = holdPuts();
  const api = fakeApi();
  const queue = await queueWith(1, api);
  const [upload] = queue.uploads;
  const { id } = upload;
  queue.cancel(upload);
  await pass(100);
  queue.retry(upload);
  await pass(100);
  equal([upload.state, api.called("grants")[1][0].retry_of, puts.length], ["sending", id, 2]);
}

export async function it_sends_a_file_that_was_chosen_twice_once() {
  stopClock();
  const puts = holdPuts();
  const queue = queueOn();
  queue.add(entries(file("a.txt")));
  queue.add(entries(file("a.txt"), file("b.txt")));
  await settled();
  equal([puts.length, [...queue.uploads].map(({ wasChosenTwice }) => wasChosenTwice)], [2, [true, false]]);
}

export async function it_takes_a_file_again_that_was_removed() {
  stopClock();
  const puts = holdPuts();
  const queue = await queueWith(1);
  const [upload] = queue.uploads;
  queue.cancel(upload);
  queue.remove(upload);
  queue.add(entries(...files(1)));
  await settled();
  equal([puts.length, statesOf(queue), queue.tally.state], [2, ["sending"], "working"]);
}

export async function it_keeps_what_is_stored_or_under_way_on_the_list() {
  stopClock();
  answerPuts();
  const queue = await queueWith(1);
  const [upload] = queue.uploads;
  queue.remove(upload);
  await pass(100);
  queue.remove(upload);
  equal(statesOf(queue), ["stored"]);
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

export async function it_tells_on_leaving_what_was_not_confirmed() {
  stopClock();
  answerPuts();
  let isAnswered;
  const api = fakeApi({ results: () => new Promise((resolve) => (isAnswered = resolve)) });
  const queue = await queueWith(3, api);
  await pass(100);
  queue.reports.leave();
  equal(api.called("leave")[0].map(({ status }) => status), [200, 200, 200]);
  isAnswered([]);
}

export async function it_pauses_a_whole_file_and_sends_it_again_under_the_same_id() {
  stopClock();
  const puts = holdPuts();
  const api = fakeApi();
  const queue = await queueWith(2, api);
  const [upload, other] = queue.uploads;
  queue.pause(upload);
  await pass(1000);
  equal([upload.state, upload.canResume, upload.canCancel, puts[0].request.signal.aborted], ["paused", true, true, true]);
  equal([queue.isPaused, queue.isMoving, other.state], [false, true, "sending"]);
  queue.resume(upload);
  await settled();
  equal([upload.state, api.called("grants")[1].map(({ id }) => id), puts.length], ["sending", [upload.id], 3]);
  equal(api.called("cancel"), []);
}

export async function it_pauses_all_without_beginning_any_and_resumes_them_in_their_order() {
  stopClock();
  const puts = holdPuts();
  const queue = await queueWith(30);
  queue.pauseAll();
  await pass(100);
  equal([puts.length, queue.isPaused, queue.isMoving, queue.tally.state], [6, true, false, "working"]);
  queue.resumeAll();
  await settled();
  equal(puts.length, 12);
  equal(statesOf(queue).slice(0, 7), [...Array(6).fill("sending"), "waiting"]);
}

export async function it_cancels_all_without_beginning_any() {
  stopClock();
  const puts = holdPuts();
  const queue = await queueWith(30);
  queue.cancelAll();
  await pass(100);
  equal([puts.length, queue.tally.files("cancelled")], [6, 30]);
}

export async function it_cancels_at_the_server_what_waits_for_its_next_attempt() {
  stopClock();
  Math.random = () => 1;
  answerPuts(503);
  const api = fakeApi();
  const queue = await queueWith(1, api);
  const [upload] = queue.uploads;
  await pass(100);
  equal([upload.state, upload.attempt], ["waiting", 2]);
  queue.cancel(upload);
  await pass(60_000);
  equal([api.called("cancel"), upload.state, api.called("grants").length], [[[upload.id]], "cancelled", 1]);
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

export async function it_reports_the_checksum_of_what_it_sent() {
  stopClock();
  answerPuts();
  const api = fakeApi();
  const queue = queueOn(api);
  queue.add(entries(file("a.txt", "123456789"), file("nothing.txt", "")));
  await pass(200);
  equal(api.called("results").flat().map(({ crc64 }) => crc64), ["11051210869376104954", "0"]);
}

export async function it_keeps_of_small_files_only_what_is_about_to_be_sent() {
  stopClock();
  holdPuts();
  const queue = await queueWith(1000);
  for (let turn = 0; turn < 20; turn += 1) await pass(10);
  const kept = [...queue.uploads].filter(({ buffer }) => buffer !== null).length;
  ok(kept <= 156, `${kept} files are held`);
}

/** In real time: the worker knows no other. */
async function until(condition) {
  for (let turn = 0; turn < 500 && !condition(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  ok(condition(), "It did not come about.");
}

async function mismatchOf(changing, change) {
  answerPuts();
  const api = fakeApi({
    results: async ([{ id }], { said }) => {
      change();
      return [said(id, "mismatch", { retry: "new", cause: { code: "differs", message: "It differs." } })];
    },
  });
  const queue = queueOn(api, { checksumWorker: "/static/uploads/js/engine/crc64-worker.js" });
  queue.add(entries(changing));
  const [upload] = queue.uploads;
  await until(() => upload.state === "mismatch");
  return upload;
}

export async function it_says_that_the_file_changed_where_the_disk_differs_from_what_was_sent() {
  const changing = new File(["a".repeat(200_000)], "a.txt");
  const other = new Blob(["b".repeat(200_000)]);
  const upload = await mismatchOf(changing, () => (changing.slice = (from, to) => other.slice(from, to)));
  await until(() => upload.cause.code === "file_changed");
  equal(upload.canRetry, false);
}

export async function it_leaves_the_servers_cause_where_the_disk_is_as_it_was() {
  const same = new File(["a".repeat(200_000)], "a.txt");
  const upload = await mismatchOf(same, () => {});
  await new Promise((resolve) => setTimeout(resolve, 300));
  equal([upload.cause.code, upload.canRetry], ["differs", true]);
}

export async function it_fails_where_the_checksum_finds_that_the_file_cannot_be_read() {
  holdPuts();
  const shrunk = new File(["a".repeat(200_000)], "a.txt");
  const queue = queueOn(fakeApi(), { checksumWorker: "/tests/js/unreadable-worker.js" });
  queue.add(entries(shrunk));
  const [upload] = queue.uploads;
  await until(() => upload.state === "failed");
  equal([upload.cause.code, upload.canRetry], ["file_changed", false]);
}
