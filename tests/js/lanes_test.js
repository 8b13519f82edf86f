import { Lanes } from "/static/uploads/js/engine/lanes.js";
import { timeLimitMs } from "/static/uploads/js/engine/lane-rate.js";
import { equal, ok } from "./assert.js";
import { pass, stopClock } from "./clock.js";
import { holdPuts, MIB } from "./fakes.js";

const grant = { method: "PUT", url: "https://bucket.example/a", headers: {} };
const job = (size = 1) => ({ upload: {}, grant, body: new ArrayBuffer(size), isPart: false });

function answerWith(status, headers = {}) {
  globalThis.fetch = async () => new Response("", { status, headers });
}

async function after(lanes, count) {
  for (let request = 0; request < count; request += 1) await lanes.send(job());
  return lanes.limit;
}

export async function it_halves_what_a_busy_storage_gets_once_in_a_second() {
  stopClock();
  const lanes = new Lanes(() => {});
  answerWith(503);
  equal([await after(lanes, 6), lanes.hasRoom], [3, true]);
  const limits = [];
  for (let second = 0; second < 3; second += 1) {
    await pass(1000);
    limits.push(await after(lanes, 1));
  }
  equal(limits, [2, 2, 2]);
}

export async function it_trusts_it_with_more_after_ten_good_answers_each() {
  const lanes = new Lanes(() => {});
  answerWith(429);
  await after(lanes, 1);
  answerWith(200);
  equal([await after(lanes, 10), await after(lanes, 10), await after(lanes, 100)], [4, 5, 6]);
}

export async function it_leaves_a_storage_alone_for_the_time_that_it_names() {
  stopClock();
  let rooms = [];
  const lanes = new Lanes(() => rooms.push(lanes.hasRoom));
  answerWith(503, { "Retry-After": "7" });
  await after(lanes, 1);
  await pass(6999);
  equal([lanes.hasRoom, rooms.includes(true)], [false, false]);
  rooms = [];
  await pass(1);
  equal([lanes.hasRoom, rooms], [true, [true]]);
}

export async function it_ends_no_long_rest_for_a_shorter_one() {
  stopClock();
  const lanes = new Lanes(() => {});
  for (const seconds of ["60", "1"]) {
    answerWith(503, { "Retry-After": seconds });
    await after(lanes, 1);
  }
  await pass(59_999);
  equal(lanes.hasRoom, false);
  await pass(1);
  equal(lanes.hasRoom, true);
}

export async function it_stops_all_that_belongs_to_a_file_and_nothing_else() {
  const puts = holdPuts();
  const lanes = new Lanes(() => {});
  const [upload, other] = [{}, {}];
  const stopped = [lanes.send({ ...job(), upload }), lanes.send({ ...job(), upload })];
  lanes.send({ ...job(), upload: other });
  lanes.stop(upload);
  equal([await Promise.all(stopped), lanes.count(false)], [[null, null], 1]);
  equal(puts.map(({ request }) => request.signal.aborted), [true, true, false]);
}

export async function it_gives_up_what_takes_much_longer_than_the_line_needs() {
  stopClock();
  holdPuts();
  const lanes = new Lanes(() => {});
  lanes.rate.add(MIB, 1000);
  const sent = lanes.send(job(10 * MIB));
  await pass(30_000 + 39_000);
  equal(lanes.count(false), 1, "not given up too early");
  await pass(1000);
  equal((await sent).answer.status, null);
  ok(lanes.rate.value < MIB / 4, `${lanes.rate.value} is too much`);
}

export async function it_learns_from_others_how_long_to_wait_for_what_is_on_its_way() {
  stopClock();
  holdPuts();
  const lanes = new Lanes(() => {});
  const sent = lanes.send(job(10 * MIB));
  await pass(40_000);
  equal(lanes.count(false), 1);
  lanes.rate.add(MIB, 100);
  await pass(1000);
  equal((await sent).answer.status, null);
}

export async function it_learns_nothing_of_the_line_from_small_files_without_an_answer() {
  stopClock();
  holdPuts();
  const lanes = new Lanes(() => {});
  const sent = [lanes.send(job(0)), lanes.send(job(10))];
  await pass(40_000);
  equal((await Promise.all(sent)).map(({ answer }) => answer.status), [null, null]);
  equal(lanes.rate.value, null);
}

export function it_waits_longer_for_what_is_larger_and_while_nothing_is_known() {
  equal([timeLimitMs(0), timeLimitMs(16 * 1024), timeLimitMs(MIB, MIB), timeLimitMs(MIB, 1e-9)], [30_000, 31_000, 34_000, 94_000]);
}

export async function it_has_room_for_six_that_do_not_begin_together() {
  stopClock();
  holdPuts();
  const starts = [];
  const fill = () => {
    while (lanes.hasRoom) {
      starts.push(Date.now() - began);
      lanes.send(job());
    }
  };
  const lanes = new Lanes(fill);
  const began = Date.now();
  fill();
  await pass(10_000);
  equal(starts, [0, 40, 80, 120, 160, 200]);
}

export async function it_sends_the_next_as_soon_as_one_was_answered() {
  stopClock();
  const puts = holdPuts();
  const lanes = new Lanes(() => {});
  const sent = lanes.send(job());
  equal(lanes.hasRoom, false);
  puts[0].answer();
  await sent;
  equal(lanes.hasRoom, true);
}

export async function it_begins_apart_again_after_a_rest() {
  stopClock();
  const lanes = new Lanes(() => {});
  answerWith(200);
  await after(lanes, 20);
  await pass(1000);
  holdPuts();
  lanes.send(job());
  equal(lanes.hasRoom, false);
  await pass(40);
  equal(lanes.hasRoom, true);
}
