import { equal, ok } from "./assert.js";
import { pass, ramped, settled, stopClock } from "./clock.js";
import { entries, fakeApi, file, holdPuts, MIB, queueOn, signedParts, sized, UNIT } from "./fakes.js";
import { lineOf, sendOne } from "./large-files.js";

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
  await ramped();
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
  await ramped();
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

export async function it_outlives_an_outage_of_less_than_a_minute_however_short_its_pauses_were() {
  stopClock();
  Math.random = () => 0.05;
  lineOf(() => 50 * MIB);
  const line = globalThis.fetch;
  globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
  const { upload } = await sendOne(150 * MIB);
  await pass(59_000);
  ok(upload.attempt > 10, upload.attempt);
  globalThis.fetch = line;
  await pass(30_000);
  equal(upload.state, "stored");
}

export async function it_begins_again_when_the_storage_has_lost_the_upload() {
  stopClock();
  Math.random = () => 0;
  const puts = holdPuts();
  const { upload, api } = await sendOne(150 * MIB);
  await ramped();
  puts[1].answer();
  await settled();
  ok(upload.sentBytes === 2 * UNIT, upload.sentBytes);
  for (const put of [...puts]) put.answer(404, "<Error><Code>NoSuchUpload</Code></Error>");
  await pass(100);
  equal([upload.state, upload.sentBytes], ["sending", 0]);
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

export async function it_passes_other_files_of_any_size_while_one_is_at_rest() {
  stopClock();
  Math.random = () => 1;
  const puts = holdPuts();
  const queue = queueOn();
  queue.add(entries(sized(150 * MIB, "one.bin"), sized(150 * MIB, "two.bin"), file("small.txt")));
  await ramped();
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
