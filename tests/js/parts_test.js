import { equal, ok } from "./assert.js";
import { pass, settled, stopClock } from "./clock.js";
import { entries, fakeApi, file, files, holdPuts, MIB, queueOn, signedParts, sized, UNIT } from "./fakes.js";

/** Bytes per second for each request; a function of the time, so that the line may change. */
function lineOf(rate) {
  const puts = [];
  globalThis.fetch = (url, { body, signal }) =>
    new Promise((resolve, reject) => {
      const [offset, size] = url.split("?")[1]?.split("-").map(Number) ?? [0, body.size ?? body.byteLength];
      const put = { url, offset, size, at: Date.now(), end: null, status: null };
      puts.push(put);
      signal.addEventListener("abort", () => {
        put.end = Date.now();
        reject(new DOMException("stopped", "AbortError"));
      });
      const arrive = () => {
        if (put.end !== null) return;
        Object.assign(put, { end: Date.now(), status: 200 });
        resolve(new Response("", { status: 200 }));
      };
      setTimeout(arrive, (size / rate(Date.now())) * 1000);
    });
  return puts;
}

async function sendOne(size, api = fakeApi()) {
  const queue = queueOn(api);
  queue.add(entries(sized(size)));
  await settled();
  const [upload] = queue.uploads;
  return { queue, upload, api };
}

/** Whether these follow one another from the first byte to the last. */
function cover(puts, size) {
  let reached = 0;
  for (const { offset, size } of puts.filter(({ status }) => status === 200).sort((a, b) => a.offset - b.offset)) {
    if (offset === reached) reached += size;
  }
  return reached === size;
}

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
  const { sentBytes, totalBytes, rate } = queue.progress;
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
  ok(late.every(({ size }) => size <= 5 * MIB), "parts have shrunk");
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

export async function it_asks_what_arrived_before_it_sends_a_part_again() {
  stopClock();
  Math.random = () => 0;
  let puts = holdPuts();
  let stored = [];
  const api = fakeApi({ parts: async (asked) => asked.map((file) => signedParts(file, stored)) });
  await sendOne(150 * MIB, api);
  stored = [[0, UNIT]];
  puts[0].reject(new TypeError("Failed to fetch"));
  await pass(100);
  const repeated = puts.slice(1).filter(({ url }) => url.endsWith("?0-262144"));
  equal([api.called("parts").at(-1)[0].list, repeated.length], [true, 0]);
}

export async function it_cuts_a_part_that_failed_twice_into_smaller_ones() {
  stopClock();
  Math.random = () => 0;
  const puts = holdPuts();
  await sendOne(150 * MIB);
  for (let failure = 0; failure < 2; failure += 1) {
    puts.filter(({ url }) => /\?2621440-/.test(url)).at(-1).reject(new TypeError("Failed to fetch"));
    await pass(100);
  }
  const sizes = puts.filter(({ url }) => /\?2621440-/.test(url)).map(({ request }) => request.body.size / UNIT);
  equal(sizes.slice(0, 1), [5]);
  ok(sizes.at(-1) < sizes.at(-2), `${sizes}`);
}

export async function it_sends_what_turned_out_to_be_missing() {
  stopClock();
  const puts = lineOf(() => 50 * MIB);
  let isFirst = true;
  const api = fakeApi({
    complete: async (asked, { said }) =>
      asked.map(({ id }) => {
        if (!isFirst) return said(id, "stored");
        isFirst = false;
        return { id, error: { code: "parts_missing", message: "" }, missing: [[UNIT, MIB]] };
      }),
    parts: async (asked) => asked.map((file) => signedParts(file, isFirst ? [] : [[0, UNIT], [UNIT + MIB, 200 * MIB]])),
  });
  const { upload } = await sendOne(120 * MIB, api);
  await pass(60_000);
  equal([upload.state, api.called("complete").length], ["stored", 2]);
  equal(puts.at(-1).offset, UNIT);
}

export async function it_stops_at_a_refusal_that_no_repetition_can_change() {
  stopClock();
  const puts = holdPuts();
  const api = fakeApi({
    results: async ([{ id }], { said }) => [said(id, "failed", { retry: "new", cause: { code: "denied", message: "No." } })],
  });
  const { upload } = await sendOne(150 * MIB, api);
  puts[0].answer(403);
  await pass(1000);
  equal([upload.state, upload.cause.message, puts.length], ["failed", "No.", 6]);
  ok(puts.slice(1).every(({ request }) => request.signal.aborted), "the other parts go on");
}

export async function it_gives_up_parts_that_fail_for_more_than_a_minute() {
  stopClock();
  Math.random = () => 0.5;
  globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
  const api = fakeApi({
    results: async (results, { said }) => results.map(({ id }) => said(id, "failed", { retry: "same", cause: { code: "x", message: "" } })),
  });
  const { upload } = await sendOne(150 * MIB, api);
  await pass(59_000);
  equal(upload.state, "sending");
  await pass(120_000);
  equal([upload.state, upload.canRetry], ["failed", true]);
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
  puts[0].answer();
  await settled();
  const { sentBytes } = upload;
  queue.pause(upload);
  await pass(10_000);
  const { length } = puts;
  ok(puts.slice(1).every(({ request }) => request.signal.aborted), "bytes go on");
  equal([upload.state, upload.sentBytes, queue.isPaused, queue.isMoving], ["paused", sentBytes, true, false]);
  queue.resume(upload);
  await settled();
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
  equal([puts.length, puts.filter(isPart).length], [6, 0], "small ones do not wait until parts are signed");
  for (const put of [...puts]) put.answer();
  await settled();
  equal([puts.length, puts.filter(isPart).length], [12, 3], "then each kind has half of the lanes");
  for (let turn = 0; turn < 10; turn += 1) {
    for (const put of [...puts]) put.answer();
    await settled();
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

export async function it_begins_again_when_the_storage_has_lost_the_upload() {
  stopClock();
  Math.random = () => 0;
  const puts = holdPuts();
  const { upload, api } = await sendOne(150 * MIB);
  puts[1].answer();
  await settled();
  ok(upload.sentBytes === 2 * UNIT, upload.sentBytes);
  for (const put of [...puts]) put.answer(404, "<Error><Code>NoSuchUpload</Code></Error>");
  await pass(100);
  equal([upload.state, upload.sentBytes], ["sending", 0]);
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

export async function it_waits_while_the_storage_is_too_busy_to_begin() {
  stopClock();
  lineOf(() => 50 * MIB);
  let calls = 0;
  const api = fakeApi({
    parts: async (asked) => {
      calls += 1;
      const error = { code: "storage_busy", message: "Later." };
      return calls < 4 ? asked.map(({ id }) => ({ id, error })) : asked.map((file) => signedParts(file));
    },
  });
  const { upload } = await sendOne(150 * MIB, api);
  await pass(60_000);
  equal(upload.state, "stored");
}

export async function it_says_why_the_server_refuses_parts() {
  stopClock();
  const error = { code: "page_closed", message: "The page is closed." };
  const { upload } = await sendOne(150 * MIB, fakeApi({ parts: async (asked) => asked.map(({ id }) => ({ id, error })) }));
  await pass(100);
  equal([upload.state, upload.cause.message, upload.canRetry], ["failed", "The page is closed.", false]);
}

export async function it_tells_the_server_of_a_cancelled_file_that_was_half_sent() {
  stopClock();
  const puts = holdPuts();
  const { queue, upload, api } = await sendOne(150 * MIB);
  puts[0].answer();
  await settled();
  queue.cancel(upload);
  await pass(200);
  equal([api.called("cancel"), upload.state, queue.progress.totalBytes], [[[upload.id]], "cancelled", 0]);
}

export async function it_passes_other_files_of_any_size_while_one_is_at_rest() {
  stopClock();
  Math.random = () => 1;
  const puts = holdPuts();
  const queue = queueOn();
  queue.add(entries(sized(150 * MIB, "one.bin"), sized(150 * MIB, "two.bin"), file("small.txt")));
  await settled();
  const [one, two] = queue.uploads;
  for (const put of [...puts]) if (put.url.includes(one.id)) put.reject(new TypeError("Failed to fetch"));
  await pass(0);
  ok(puts.some(({ url }) => url.includes(two.id)), "the second waits for the first");
}

export async function it_asks_what_is_there_and_goes_on_by_parts_when_the_server_missed_some() {
  stopClock();
  Math.random = () => 0;
  const puts = lineOf(() => 50 * MIB);
  let isFirst = true;
  const api = fakeApi({
    complete: async ([{ id }], { said }) => {
      if (!isFirst) return [said(id, "stored")];
      isFirst = false;
      return [said(id, "failed", { retry: "same", cause: { code: "parts_missing", message: "" } })];
    },
    parts: async (asked) => asked.map((file) => signedParts(file, isFirst ? [] : [[0, UNIT], [UNIT + MIB, 200 * MIB]])),
  });
  const { upload } = await sendOne(120 * MIB, api);
  await pass(60_000);
  equal([upload.state, puts.at(-1).offset, api.called("grants").length], ["stored", UNIT, 1]);
}

export async function it_does_not_ask_again_for_parts_that_the_storage_or_the_server_refuses_for_good() {
  stopClock();
  for (const code of ["storage_refused", "parts_too_many"]) {
    const error = { code, message: "No." };
    const { upload } = await sendOne(150 * MIB, fakeApi({ parts: async (asked) => asked.map(({ id }) => ({ id, error })) }));
    await pass(100);
    equal([upload.state, upload.cause.message, upload.canRetry], ["failed", "No.", false], code);
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
