import { LaneRate } from "/static/uploads/js/engine/lane-rate.js";
import { Speed } from "/static/uploads/js/engine/progress.js";
import { equal, ok } from "./assert.js";
import { pass, stopClock } from "./clock.js";
import { MIB } from "./fakes.js";

export async function it_says_nothing_before_anything_can_be_said() {
  stopClock();
  const speed = new Speed();
  equal(speed.rate, null);
  await pass(500);
  speed.add(MIB);
  await pass(499);
  equal(speed.rate, null);
  await pass(1);
  equal(speed.rate, MIB);
}

/** Bytes that are answered for at once, after each of some seconds. */
async function answer(speed, bytes, { every = 1, times }) {
  for (let time = 0; time < times; time += 1) {
    await pass(every * 1000);
    speed.add(bytes);
  }
}

export async function it_smooths_what_comes_in_lumps() {
  stopClock();
  const speed = new Speed();
  await answer(speed, 5 * MIB, { every: 5, times: 12 });
  const rates = [];
  for (const ms of [0, 1000, 2000, 1900]) {
    await pass(ms);
    rates.push(speed.rate / MIB);
  }
  ok(rates.every((rate) => rate >= 0.75 && rate <= 1.25), rates);
}

export async function it_follows_a_line_that_changes_and_forgets_what_was_long_ago() {
  stopClock();
  const speed = new Speed();
  await answer(speed, 100 * MIB, { times: 60 });
  await answer(speed, MIB, { times: 40 });
  equal(Math.round(speed.rate / MIB), 1);
  await pass(100_000);
  equal(speed.rate, null);
}

export function it_keeps_few_numbers_for_many_files() {
  let now = 0;
  performance.now = () => now;
  const speed = new Speed();
  const { push } = Array.prototype;
  let kept = 0;
  Array.prototype.push = function (...items) {
    kept += items.length;
    return push.apply(this, items);
  };
  for (let file = 0; file < 100_000; file += 1) {
    now = file / 10;
    speed.add(1000);
  }
  Array.prototype.push = push;
  equal(kept, 10, "one for each second");
  equal(Math.round(speed.rate), 10_000_100);
}

export function it_learns_what_one_request_gets_through() {
  const rate = new LaneRate();
  rate.add(1000, 1);
  equal(rate.value, null, "small ones say nothing");
  rate.add(10 * MIB, 1000);
  equal(rate.value, 10 * MIB);
  for (let time = 0; time < 20; time += 1) rate.add(MIB, 1000);
  ok(Math.abs(rate.value - MIB) < 1000, "it falls with the line");
  for (let time = 0; time < 20; time += 1) rate.add(40 * MIB, 1000);
  ok(Math.abs(rate.value - 40 * MIB) < MIB, "it grows with the line");
}

export function it_falls_to_less_than_what_was_not_answered_in_time() {
  const rate = new LaneRate();
  rate.lower(40 * MIB, 40_000);
  equal(rate.value, MIB);
  rate.lower(4000 * MIB, 40_000);
  equal(rate.value, MIB, "never up");
}

export async function it_does_not_fall_for_one_that_hung_while_others_got_through() {
  stopClock();
  const rate = new LaneRate();
  rate.add(10 * MIB, 1000);
  await pass(29_000);
  rate.lower(MIB, 30_000);
  equal(rate.value, 10 * MIB, "others were faster at the same time");
  await pass(1000);
  rate.lower(3 * MIB, 30_000);
  equal(rate.value, MIB / 10, "nobody got through");
}
