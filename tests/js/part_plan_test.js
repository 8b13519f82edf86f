import { goesByParts, missingFrom, PartPlan, partSize } from "/static/uploads/js/engine/part-plan.js";
import { equal, ok } from "./assert.js";
import { KIB, MIB, UNIT } from "./fakes.js";

const GIB = 1024 * MIB;
/** A plan for a line on which parts of so many bytes fit. */
const planOf = (size, bytes, unit = UNIT) => new PartPlan(size, unit, { limit: 1, rate: { value: bytes / 3 } });
const sizes = (plan) => {
  const taken = [];
  while (plan.left > 0) {
    const { offset, size } = plan.take();
    taken.push([offset, size]);
  }
  return taken;
};

export function it_cuts_on_units_and_leaves_the_rest_to_the_last_part() {
  equal(sizes(planOf(2 * MIB + 7, MIB + 1)), [[0, MIB], [MIB, MIB], [2 * MIB, 7]]);
  equal(sizes(planOf(UNIT - 1, MIB)), [[0, UNIT - 1]]);
  equal(sizes(planOf(MIB, 1)), [[0, MIB]]);
  equal(sizes(planOf(MIB + 1, 1)), [[0, MIB], [MIB, 1]]);
}

export function it_takes_a_whole_unit_where_the_file_is_so_large_that_parts_must_be() {
  const unit = 5 * GIB;
  const parts = sizes(planOf(10_000 * unit, 64 * MIB, unit));
  equal([parts.length, parts.at(-1)], [10_000, [9999 * unit, unit]]);
}

export function it_sends_a_part_again_as_it_was_and_in_halves_when_it_has_failed_twice() {
  const plan = planOf(4 * MIB, 4 * MIB);
  let part = plan.take();
  const tried = [];
  for (let failure = 0; failure < 6; failure += 1) {
    tried.push(part.size / UNIT);
    plan.fail(part);
    part = plan.take();
  }
  equal(tried, [16, 16, 8, 4, 2, 1]);
  equal([part.offset, part.size, plan.left], [0, UNIT, 4 * MIB - UNIT]);
}

export function it_goes_on_with_what_is_missing_in_the_middle() {
  const plan = planOf(8 * MIB, 64 * MIB);
  plan.reconcile([[0, 2 * MIB], [3 * MIB, 5 * MIB]], []);
  equal([plan.left, sizes(plan)], [MIB, [[2 * MIB, MIB]]]);
}

export function it_sends_again_what_the_storage_has_lost_but_not_what_is_on_its_way() {
  const plan = planOf(4 * MIB, MIB);
  const [first, second, third] = [plan.take(), plan.take(), plan.take()];
  plan.reconcile([[first.offset, first.size]], [third]);
  equal(sizes(plan), [[second.offset, MIB], [3 * MIB, MIB]]);
  plan.reconcile([], []);
  equal(plan.left, 4 * MIB);
}

export function it_knows_what_ranges_leave_open() {
  const part = { offset: 10, size: 10 };
  const left = (...ranges) => missingFrom(part, ranges).map(({ offset, size }) => [offset, size]);
  equal(left(), [[10, 10]]);
  equal(left([0, 10], [20, 5]), [[10, 10]]);
  equal(left([12, 3]), [[10, 2], [15, 5]]);
  equal(left([0, 15], [13, 20]), []);
  equal(left([10, 10]), []);
}

export function it_sizes_parts_to_the_line() {
  const size = (rate, left = 10 * GIB) => partSize({ rate, left, lanes: 6, count: 0 });
  equal([10 * KIB, MIB, 10 * MIB, 1000 * MIB].map((rate) => size(rate)), [MIB, 3 * MIB, 30 * MIB, 64 * MIB]);
  equal([size(1000 * MIB, 240 * MIB), size(1000 * MIB, 10 * MIB)], [40 * MIB, 16 * MIB]);
}

export function it_begins_with_small_parts_of_different_sizes() {
  const first = [0, 1, 2, 3, 4, 5, 6].map((count) => partSize({ rate: null, left: GIB, lanes: 6, count }) / UNIT);
  equal(first, [1, 2, 3, 4, 5, 6, 1]);
}

export function it_chooses_between_one_request_and_parts() {
  const goes = (size, rate, { isCautious = false, ...given } = {}) =>
    goesByParts({ file: { size }, grant: { partUnit: UNIT, url: "https://bucket.example/a", ...given }, isCautious }, rate);
  equal([goes(100_000_000, 1e9), goes(100_000_001, 1e9)], [false, true], "size");
  equal([goes(10 * MIB, MIB), goes(10 * MIB + 1, MIB)], [false, true], "ten seconds");
  equal([goes(MIB, 1), goes(MIB, null), goes(MIB + 1, null)], [false, false, true], "small and unknown");
  equal([goes(2 * MIB, 1e9, { isCautious: true }), goes(MIB, 1e9, { isCautious: true })], [true, false], "after a failure");
  equal([goes(1, null, { url: "" }), goes(1e12, null, { partUnit: undefined })], [true, false], "what the server gives");
  ok(!goes(2 * MIB, null, { partUnit: undefined, url: "", isCautious: true }), "no parts where none are given");
}
