/** Which bytes of a file go in which part. Numbers follow from offsets, so every cut lies on a multiple of a unit. */

const MIB = 1024 * 1024;
const FIRST_BYTES = 256 * 1024;
const LEAST_BYTES = MIB;
const MOST_BYTES = 64 * MIB;
/** Where the last parts of a file become smaller so that they end together; the price of a part is small from here. */
const EVEN_BYTES = 16 * MIB;
const PART_SECONDS = 3;
const TOO_LARGE = 2.5;
/** A whole file in one request shows no progress, and all of it is lost when the line breaks. */
const MOST_WHOLE_BYTES = 100_000_000;
const MOST_WHOLE_SECONDS = 10;

/**
 * @typedef {{offset: number, size: number, failures: number, most: number}} Part `most`: how large it may be next time
 * @typedef {[number, number][]} Ranges offset and size of each
 */

/**
 * @param {{size: number, unit?: number, hasUrl: boolean, rate: number | null, isCautious: boolean}} file `unit`: none
 *   where the server gives no parts; `isCautious`: it did not get through as a whole
 * @returns {boolean} whether it goes by parts
 */
export function goesByParts({ size, unit, hasUrl, rate, isCautious }) {
  if (!unit || !hasUrl) return Boolean(unit);
  if (size > MOST_WHOLE_BYTES) return true;
  // As long as nothing is known of the line, small parts find it out.
  return size > LEAST_BYTES && (isCautious || rate === null || size > rate * MOST_WHOLE_SECONDS);
}

/**
 * @param {{rate: number | null, left: number, lanes: number, count: number}} state of the line and of the file: bytes
 *   that nobody sends yet, requests at a time, parts so far
 * @returns {number} bytes that take two to five seconds
 */
export function partSize({ rate, left, lanes, count }) {
  // Of different sizes, so that their answers do not come all at once.
  if (rate === null) return FIRST_BYTES * ((count % lanes) + 1);
  const fitting = Math.min(Math.max(rate * PART_SECONDS, LEAST_BYTES), MOST_BYTES);
  return Math.min(fitting, Math.max(left / lanes, EVEN_BYTES));
}

export class PartPlan {
  #size;
  #unit;
  #lanes;
  #count = 0;
  /** What nobody sends, in the order of the file. @type {Part[]} */
  #gaps = [];

  /**
   * @param {number} size
   * @param {number} unit
   * @param {{limit: number, rate: {value: number | null}}} lanes whose number and speed parts are cut to
   */
  constructor(size, unit, lanes) {
    this.#size = size;
    this.#unit = unit;
    this.#lanes = lanes;
    this.restore([[0, size]]);
  }

  /** @returns {number} bytes that nobody sends */
  get left() {
    return this.#gaps.reduce((sum, { size }) => sum + size, 0);
  }

  /** @returns {Part | undefined} the next part, cut off */
  take() {
    const gap = this.#gaps.shift();
    if (!gap) return undefined;
    const units = Math.floor(Math.min(this.#fitting(gap.size), gap.most) / this.#unit);
    const size = Math.max(units, 1) * this.#unit;
    this.#count += 1;
    if (size >= gap.size) return gap;
    this.#gaps.unshift({ ...gap, offset: gap.offset + size, size: gap.size - size });
    return { ...gap, size };
  }

  /**
   * @param {Part} part
   * @returns {boolean} whether it was cut while the line was much faster
   */
  isTooLarge({ size }) {
    return this.#lanes.rate.value !== null && size > TOO_LARGE * Math.max(this.#fitting(0), this.#unit);
  }

  /** @param {number} more bytes beside those that are left */
  #fitting(more) {
    const { limit, rate } = this.#lanes;
    return partSize({ rate: rate.value, left: this.left + more, lanes: limit, count: this.#count });
  }

  /**
   * Nobody sends it any more.
   * @param {Part} part
   */
  giveBack(part) {
    this.#gaps.push(part);
    this.#gaps.sort((one, other) => one.offset - other.offset);
  }

  /**
   * It did not arrive. What failed twice goes in smaller pieces.
   * @param {Part} part
   */
  fail({ offset, size, failures, most }) {
    this.giveBack({ offset, size, failures: failures + 1, most: failures > 0 ? size / 2 : most });
  }

  /** @param {Ranges} ranges that the storage lacks, whatever it seemed */
  restore(ranges) {
    for (const [offset, size] of ranges) this.giveBack({ offset, size, failures: 0, most: Infinity });
  }

  /**
   * Take the storage's word for what it has and for what it has lost.
   * @param {Ranges} stored
   * @param {Part[]} onTheWay parts that are dealt with, or were when the storage was asked
   */
  reconcile(stored, onTheWay) {
    this.#gaps = this.#gaps.flatMap((gap) => missingFrom(gap, stored));
    const known = [...onTheWay, ...this.#gaps].map(({ offset, size }) => [offset, size]);
    const whole = { offset: 0, size: this.#size, failures: 0, most: Infinity };
    for (const lost of missingFrom(whole, [...stored, ...known])) this.giveBack(lost);
  }
}

/**
 * @param {Part} part
 * @param {number[][]} ranges
 * @returns {Part[]} what none of them covers
 */
export function missingFrom(part, ranges) {
  return ranges.reduce((left, [from, size]) => left.flatMap((gap) => without(gap, from, from + size)), [part]);
}

/**
 * @param {Part} gap
 * @param {number} from
 * @param {number} to
 * @returns {Part[]} what is left of it on both sides
 */
function without(gap, from, to) {
  const end = gap.offset + gap.size;
  const start = Math.max(to, gap.offset);
  const sides = [{ ...gap, size: Math.min(from, end) - gap.offset }, { ...gap, offset: start, size: end - start }];
  return sides.filter(({ size }) => size > 0);
}
