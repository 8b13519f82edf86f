import { equal, ok } from "./assert.js";
import { pass, ramped, stopClock } from "./clock.js";
import { answerPuts, entries, fakeApi, file, holdPuts, queueOn } from "./fakes.js";
import { queueWith, statesOf } from "./queues.js";

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
  await ramped();
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

export async function it_counts_nothing_as_sent_of_a_file_that_the_storage_has_not_taken() {
  stopClock();
  const puts = holdPuts();
  const api = fakeApi({ results: async (results, { said }) => results.map(({ id }) => said(id, "checking")) });
  const queue = await queueWith(2, api);
  await ramped();
  puts[0].answer();
  puts[1].answer(403);
  await pass(200);
  equal([statesOf(queue), queue.tally.progress.sentBytes, queue.tally.progress.totalBytes], [["checking", "checking"], 5, 10]);
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
  await ramped();
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

export async function it_sends_a_file_that_was_chosen_twice_once() {
  stopClock();
  const puts = holdPuts();
  const queue = queueOn();
  queue.add(entries(file("a.txt")));
  queue.add(entries(file("a.txt"), file("b.txt")));
  await ramped();
  equal([puts.length, [...queue.uploads].map(({ wasChosenTwice }) => wasChosenTwice)], [2, [true, false]]);
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

export async function it_keeps_of_small_files_only_what_is_about_to_be_sent() {
  stopClock();
  holdPuts();
  const queue = await queueWith(1000);
  for (let turn = 0; turn < 20; turn += 1) await pass(10);
  const kept = [...queue.uploads].filter(({ buffer }) => buffer !== null).length;
  ok(kept <= 156, `${kept} files are held`);
}
