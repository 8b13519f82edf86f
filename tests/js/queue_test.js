import { Queue } from "/static/uploads/js/engine/queue.js";
import { equal, ok } from "./assert.js";
import { pass, settled, stopClock } from "./clock.js";
import { answerPuts, fakeApi, file, files, holdPuts } from "./fakes.js";

function statesOf(queue) {
  return [...queue.uploads].map(({ state }) => state);
}

async function queueWith(count, api = fakeApi()) {
  const queue = new Queue(api);
  queue.add(files(count));
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
  ok(request.body instanceof File, "the body is the file itself");
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

export async function it_goes_on_when_one_fails() {
  stopClock();
  const puts = holdPuts();
  const api = fakeApi({
    results: async (results, { said }) =>
      results.map(({ id, status }) => said(id, status === null ? "failed" : "stored", { retry: "same" })),
  });
  const queue = await queueWith(8, api);
  puts[0].reject(new TypeError("Failed to fetch"));
  for (const put of puts) put.answer();
  await pass(100);
  for (const put of puts) put.answer();
  await pass(200);
  equal(statesOf(queue), ["failed", ...Array(7).fill("stored")]);
  equal(queue.tally.state, "attention");
}

export async function it_asks_the_server_what_an_ambiguous_answer_means() {
  stopClock();
  const puts = holdPuts();
  const api = fakeApi();
  const queue = await queueWith(2, api);
  puts[0].answer(409);
  puts[1].reject(new TypeError("Failed to fetch"));
  await pass(200);
  equal(api.called("results")[0].map(({ status }) => status), [409, null]);
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
  ok(api.called("results").length <= 25, `${api.called("results").length} calls with results`);
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
  const queue = new Queue(fakeApi());
  queue.add([file("a.txt")]);
  queue.add([file("a.txt"), file("b.txt")]);
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
  queue.add(files(1));
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

export async function it_says_that_a_file_changed_and_takes_it_when_it_is_chosen_again() {
  stopClock();
  const puts = holdPuts();
  const changed = file("report.pdf");
  changed.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException("", "NotReadableError")) });
  const queue = new Queue(fakeApi());
  queue.add([changed]);
  await settled();
  puts[0].reject(new TypeError("Failed to fetch"));
  await pass(100);
  const [upload] = queue.uploads;
  equal([upload.state, upload.cause.code, upload.canRetry], ["failed", "file_changed", false]);
  queue.add([file("report.pdf", "other content", { lastModified: 2 })]);
  await pass(0);
  equal(statesOf(queue), ["sending"]);
}

export async function it_says_that_a_file_is_gone() {
  stopClock();
  const puts = holdPuts();
  const gone = file("report.pdf");
  gone.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException("", "NotFoundError")) });
  const queue = new Queue(fakeApi());
  queue.add([gone]);
  await settled();
  puts[0].reject(new TypeError("Failed to fetch"));
  await pass(100);
  equal([...queue.uploads][0].cause.code, "file_gone");
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
  await pass(31_000);
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
