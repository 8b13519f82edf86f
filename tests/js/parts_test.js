import { equal, ok } from "./assert.js";
import { pass, ramped, settled, stopClock } from "./clock.js";
import { entries, fakeApi, files, holdPuts, MIB, queueOn, signedParts, sized, UNIT } from "./fakes.js";
import { cover, lineOf, sendOne } from "./large-files.js";

export async function it_sends_a_large_file_in_parts_and_completes_it() {
  stopClock();
  const puts = lineOf(() => 10 * MIB);
  const { queue, upload, api } = await sendOne(150 * MIB);
  await pass(60_000);
  equal([upload.state, queue.tally.state], ["stored", "done"]);
  ok(cover(puts, 150 * MIB), "bytes are missing");
  equal(api.called("complete").flat().map(({ id }) => id), [upload.id]);
  equal(api.called("results"), []);
}

export async function it_sends_six_parts_at_a_time_of_which_none_ends_with_another() {
  stopClock();
  const puts = holdPuts();
  await sendOne(500 * MIB);
  await ramped();
  equal(puts.map(({ request }) => request.body.size / UNIT), [1, 2, 3, 4, 5, 6]);
}

export async function it_sizes_parts_so_that_they_take_two_to_five_seconds() {
  stopClock();
  const puts = lineOf(() => 2 * MIB);
  await sendOne(500 * MIB);
  await pass(30_000);
  const later = puts.filter(({ at, end }) => at > Date.now() - 20_000 && end);
  ok(later.length > 20, `${later.length} parts`);
  ok(later.every(({ at, end }) => end - at >= 2000 && end - at <= 5000), later.map(({ at, end }) => end - at));
}

export async function it_asks_the_server_rarely() {
  stopClock();
  lineOf(() => 20 * MIB);
  const { upload, api } = await sendOne(5000 * MIB);
  await pass(600_000);
  equal(upload.state, "stored");
  ok(api.called("parts").length <= 40, `${api.called("parts").length} calls`);
}

export async function it_shows_only_what_was_answered_for() {
  stopClock();
  lineOf(() => MIB);
  const { queue, upload } = await sendOne(200 * MIB);
  const seen = [];
  queue.addEventListener("upload:progress", () => seen.push(upload.sentBytes));
  await pass(30_000);
  equal(seen, [...seen].sort((one, other) => one - other));
  const { sentBytes, totalBytes, rate } = queue.tally.progress;
  equal([sentBytes, totalBytes], [upload.sentBytes, 200 * MIB]);
  ok(sentBytes <= 6 * 30 * MIB && sentBytes > 100 * MIB, sentBytes);
  ok(rate > 4 * MIB && rate < 7 * MIB, rate);
  ok(upload.rate > 4 * MIB, upload.rate);
}

export async function it_survives_a_line_that_drops_to_a_fiftieth_during_a_part() {
  stopClock();
  const began = Date.now();
  const puts = lineOf((now) => (now - began < 10_000 ? 25 * MIB : MIB / 2));
  const arrived = () => puts.filter(({ status }) => status === 200).map(({ offset, size }) => [offset, size]);
  const api = fakeApi({ parts: async (asked) => asked.map((file) => signedParts(file, arrived())) });
  const { upload } = await sendOne(2000 * MIB, api);
  await pass(11_000);
  ok(Math.max(...puts.map(({ size }) => size)) === 64 * MIB, "parts had grown");
  await pass(3_600_000);
  equal([upload.state, cover(puts, 2000 * MIB)], ["stored", true]);
  const late = puts.filter(({ at }) => at > began + 120_000);
  ok(late.length > 0 && late.every(({ size }) => size <= 5 * MIB), "parts have shrunk");
}

export async function it_goes_on_from_what_the_storage_has() {
  stopClock();
  const puts = lineOf(() => 10 * MIB);
  const stored = [[0, 64 * MIB], [80 * MIB, 120 * MIB]];
  const { upload } = await sendOne(200 * MIB, fakeApi({ parts: async (asked) => asked.map((file) => signedParts(file, stored)) }));
  equal([upload.wasContinued, upload.sentBytes >= 184 * MIB], [true, true]);
  await pass(60_000);
  equal(upload.state, "stored");
  equal(puts.reduce((sum, { size }) => sum + size, 0), 16 * MIB);
}

export async function it_goes_by_parts_after_it_was_too_slow_as_a_whole() {
  stopClock();
  Math.random = () => 0;
  const api = fakeApi({
    results: async (results, { said }) =>
      results.map(({ id, status }) => said(id, status ? "stored" : "failed", { retry: "same" })),
  });
  const queue = queueOn(api);
  const puts = lineOf((now) => (now - began < 1000 ? 40 * MIB : 20_000));
  const began = Date.now();
  queue.lanes.rate.add(40 * MIB, 1000);
  await pass(1500);
  queue.add(entries(sized(60 * MIB)));
  await pass(0);
  equal(puts.map(({ size }) => size), [60 * MIB]);
  await pass(60_000);
  equal(api.called("results").flat().map(({ status }) => status), [null]);
  ok(puts.length > 1 && puts.slice(1).every(({ size }) => size <= 5 * MIB), puts.map(({ size }) => size));
}

export async function it_pauses_parts_and_goes_on_with_what_is_missing() {
  stopClock();
  const puts = holdPuts();
  const parts = async (asked) => asked.map((file) => signedParts(file, puts.length > 0 ? [[0, UNIT]] : []));
  const { queue, upload } = await sendOne(150 * MIB, fakeApi({ parts }));
  await ramped();
  puts[0].answer();
  await settled();
  const { sentBytes } = upload;
  queue.pause(upload);
  await pass(10_000);
  const { length } = puts;
  ok(length > 1 && puts.slice(1).every(({ request }) => request.signal.aborted), "bytes go on");
  equal([upload.state, upload.sentBytes, queue.isPaused, queue.isMoving], ["paused", sentBytes, true, false]);
  queue.resume(upload);
  await ramped();
  equal([upload.state, upload.sentBytes, puts.length], ["sending", sentBytes, length + 6]);
  ok(puts.slice(length).every(({ url }) => !url.endsWith("?0-262144")), "what arrived is sent again");
}

export async function it_lets_small_files_pass_a_large_one_and_stops_neither() {
  stopClock();
  const puts = holdPuts();
  const queue = queueOn();
  queue.add(entries(sized(500 * MIB), ...files(20)));
  await settled();
  const isPart = ({ url }) => url.includes("?");
  equal([puts.length, puts.filter(isPart).length], [1, 0], "small ones do not wait until parts are signed");
  await ramped();
  equal([puts.length, puts.filter(isPart).length], [6, 3], "then each kind has half of the lanes");
  for (const put of [...puts]) put.answer();
  await ramped();
  equal([puts.length, puts.filter(isPart).length], [12, 6]);
  for (let turn = 0; turn < 10; turn += 1) {
    for (const put of [...puts]) put.answer();
    await ramped();
  }
  ok(puts.filter((put) => !isPart(put)).length === 20, "small files wait");
  ok(puts.filter(isPart).length > 20, "the large file waits");
}

export async function it_learns_the_line_from_one_file_before_it_sends_the_next_of_its_size() {
  stopClock();
  const puts = lineOf(() => 50 * MIB);
  const queue = queueOn();
  queue.add(entries(...Array.from({ length: 8 }, (_, at) => sized(50 * MIB, `large-${at}.bin`))));
  await pass(60_000);
  equal(queue.tally.state, "done");
  equal(puts.filter(({ size }) => size === 50 * MIB).length, 7);
}

export async function it_sends_files_without_a_url_of_their_own_in_parts() {
  stopClock();
  const puts = lineOf(() => MIB);
  const api = fakeApi({ grants: async (asked, { said }) => asked.map(({ id }) => said(id, "waiting", { part_unit: UNIT })) });
  const queue = queueOn(api);
  queue.add(entries(sized(MIB)));
  await pass(10_000);
  equal([queue.tally.state, cover(puts, MIB)], ["done", true]);
}

export async function it_takes_the_servers_word_where_it_signs_no_parts() {
  stopClock();
  const api = fakeApi({ parts: async (asked, { said }) => asked.map(({ id }) => said(id, "stored")) });
  const { upload } = await sendOne(150 * MIB, api);
  await pass(100);
  equal(upload.state, "stored");
}

export async function it_tells_the_server_of_a_cancelled_file_that_was_half_sent() {
  stopClock();
  const puts = holdPuts();
  const { queue, upload, api } = await sendOne(150 * MIB);
  puts[0].answer();
  await settled();
  queue.cancel(upload);
  await pass(200);
  equal([api.called("cancel"), upload.state, queue.tally.progress.totalBytes], [[[upload.id]], "cancelled", 0]);
}

export async function it_goes_on_with_the_others_when_nothing_is_to_be_sent_of_a_large_file() {
  const said = { complete: (file) => signedParts(file, [[0, 150 * MIB]]), stored: ({ id }) => ({ id, file_state: "stored" }) };
  for (const answer of Object.values(said)) {
    stopClock();
    lineOf(() => 10 * MIB);
    const queue = queueOn(fakeApi({ parts: async (asked) => asked.map(answer) }));
    queue.add(entries(sized(150 * MIB, "1.bin"), sized(150 * MIB, "2.bin"), ...files(3)));
    await pass(10_000);
    equal([...queue.uploads].map(({ state }) => state), Array(5).fill("stored"));
  }
}

export async function it_is_not_told_what_concerned_an_attempt_before() {
  stopClock();
  holdPuts();
  let answer;
  const parts = () => new Promise((resolve) => (answer = resolve));
  const { upload } = await sendOne(150 * MIB, fakeApi({ parts }));
  upload.again();
  answer([{ id: upload.id, error: { code: "parts_invalid", message: "" } }]);
  await settled();
  equal(upload.state, "waiting");
}
