import { equal, ok } from "./assert.js";
import { pass, ramped, settled, stopClock } from "./clock.js";
import { answerPuts, entries, fakeApi, files, holdPuts } from "./fakes.js";
import { queueWith, statesOf } from "./queues.js";

export async function it_stops_a_put_that_is_cancelled_and_tells_the_server() {
  stopClock();
  const puts = holdPuts();
  const api = fakeApi();
  const queue = await queueWith(7, api);
  await ramped();
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
  await ramped();
  queue.pauseAll();
  await pass(100);
  equal([puts.length, queue.isPaused, queue.isMoving, queue.tally.state], [6, true, false, "working"]);
  queue.resumeAll();
  await ramped();
  equal(puts.length, 12);
  equal(statesOf(queue).slice(0, 7), [...Array(6).fill("sending"), "waiting"]);
}

export async function it_cancels_all_without_beginning_any() {
  stopClock();
  const puts = holdPuts();
  const queue = await queueWith(30);
  await ramped();
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
