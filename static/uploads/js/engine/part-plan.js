/** Which bytes of a file go in which part. Numbers follow from offsets, so every cut lies on a multiple of a unit. */

const MIB = 1024 * 1024;
const FIRST_BYTES = MIB / 4;
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
 * @typedef {{offset: number, size: number, most?: number, grant?: import("./grant.js").Grant}} Part `most`: how large it
 *   may be, where it has failed before
 * @typedef {[number, number][]} Ranges offset and size of each
 */

/**
 * @param {import("./upload.js").Upload} upload with a grant
 * @param {number | null} rate of the line
 * @returns {boolean} whether it goes by parts
 */
export function goesByParts({ file: { size }, grant, isCautious }, rate) {
  // The server gives no parts, or gives nothing else.
  if (!grant?.partUnit || !grant.url) return Boolean(grant?.partUnit);
  // As long as nothing is known of the line, small parts find it out.
  const isSlow = isCautious || rate === null || size > rate * MOST_WHOLE_SECONDS;
  return size > (isSlow ? LEAST_BYTES : MOST_WHOLE_BYTES);
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
  #gaps;

  /**
   * @param {number} size
   * @param {number} unit
   * @param {{limit: number, rate: {value: number | null}}} lanes whose number and speed parts are cut to
   */
  constructor(size, unit, lanes) {
    this.#size = size;
    this.#unit = unit;
    this.#lanes = lanes;
    this.#gaps = [{ offset: 0, size }];
  }

  /** @returns {number} bytes that nobody sends */
  get left() {
    return this.#gaps.reduce((sum, { size }) => sum + size, 0);
  }

  /** @returns {Part} the next part, cut off from what is left */
  take() {
    const [{ offset, size, most = Infinity }] = this.#gaps;
    const units = Math.floor(Math.min(this.#fitting, most) / this.#unit);
    const part = { offset, size: Math.min(Math.max(units, 1) * this.#unit, size), most };
    this.#count += 1;
    this.#gaps = this.#without([[offset, part.size]]);
    return part;
  }

  /**
   * @param {number} size
   * @returns {boolean} whether it was cut while the line was much faster
   */
  isTooLarge(size) {
    return this.#lanes.rate.value !== null && size > TOO_LARGE * Math.max(this.#fitting, this.#unit);
  }

  get #fitting() {
    const { limit, rate } = this.#lanes;
    return partSize({ rate: rate.value, left: this.left, lanes: limit, count: this.#count });
  }

  /**
   * Nobody sends it any more.
   * @param {Part} part
   */
  giveBack({ offset, size, most }) {
    this.#gaps.push({ offset, size, most });
    this.#gaps.sort((one, other) => one.offset - other.offset);
  }

  /**
   * It did not arrive. What failed twice goes in smaller pieces.
   * @param {Part} part
   */
  fail({ offset, size, most = Infinity }) {
    this.giveBack({ offset, size, most: most > size ? size : size / 2 });
  }

  /**
   * Take the storage's word for what it has and for what it has lost.
   * @param {Ranges} stored
   * @param {Part[]} onTheWay parts that are dealt with, or were when the storage was asked
   */
  reconcile(stored, onTheWay) {
    this.#gaps = this.#without(stored);
    const known = [...onTheWay, ...this.#gaps].map(({ offset, size }) => [offset, size]);
    for (const lost of missingFrom({ offset: 0, size: this.#size }, [...stored, ...known])) this.giveBack(lost);
  }

  /** @param {number[][]} ranges */
  #without(ranges) {
    return this.#gaps.flatMap((gap) => missingFrom(gap, ranges));
  }
}

/**
 * @param {Part} part
 * @param {number[][]} ranges
 * @returns {Part[]} what none of them covers
 */
export function missingFrom(part, ranges) {
  return ranges.reduce((left, [from, size]) => left.flatMap((gap) => sidesOf(gap, from, from + size)), [part]);
}

/**
 * @param {Part} gap
 * @param {number} from
 * @param {number} to
 * @returns {Part[]} what is left of it before and behind
 */
function sidesOf({ offset, size, ...more }, from, to) {
  const end = offset + size;
  const ends = [[offset, Math.min(from, end)], [Math.max(to, offset), end]];
  return ends.map(([start, end]) => ({ ...more, offset: start, size: end - start })).filter(({ size }) => size > 0);
}
