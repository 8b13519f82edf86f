import { LaneRate } from "/static/uploads/js/engine/lanes.js";
import { leftSeconds, Speed } from "/static/uploads/js/engine/progress.js";
import { equal, ok } from "./assert.js";
import { MIB } from "./fakes.js";

export function it_says_nothing_before_anything_can_be_said() {
  const speed = new Speed(1000);
  equal([speed.rate(1000), speed.rate(9000)], [null, null]);
  speed.add(MIB, 1500);
  equal([speed.rate(1999), speed.rate(2000)], [null, MIB]);
}

export function it_smooths_what_comes_in_lumps() {
  const speed = new Speed(0);
  for (let second = 5; second <= 60; second += 5) speed.add(5 * MIB, second * 1000);
  const rates = [60, 61, 63, 64.9].map((second) => speed.rate(second * 1000) / MIB);
  ok(rates.every((rate) => rate >= 0.75 && rate <= 1.25), rates);
}

export function it_follows_a_line_that_changes_and_forgets_what_was_long_ago() {
  const speed = new Speed(0);
  for (let second = 1; second <= 60; second += 1) speed.add(100 * MIB, second * 1000);
  for (let second = 61; second <= 100; second += 1) speed.add(MIB, second * 1000);
  equal(Math.round(speed.rate(100_000) / MIB), 1);
  equal(speed.rate(200_000), null);
}

export function it_keeps_few_numbers_for_many_files() {
  const speed = new Speed(0);
  const { push } = Array.prototype;
  let kept = 0;
  Array.prototype.push = function (...items) {
    kept += items.length;
    return push.apply(this, items);
  };
  for (let file = 0; file < 100_000; file += 1) speed.add(1000, file / 10);
  Array.prototype.push = push;
  equal(kept, 10, "one for each second");
  equal(Math.round(speed.rate(10_000)), 10_000_000);
}

export function it_says_how_long_it_takes() {
  equal([leftSeconds(100, 10), leftSeconds(100, null), leftSeconds(100, 0), leftSeconds(0, 10)], [10, null, null, null]);
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
