/** How fast a request goes, and for how long it may. */

import { startStopwatch } from "./grant.js";

const PATIENCE_MS = 30_000;
const SLOWEST_BYTES_PER_SECOND = 16 * 1024;
/** What takes less is mostly waiting for the network's round trips. */
const LEAST_BYTES = 256 * 1024;

/**
 * `fetch` tells nothing about progress: the limit follows from the size, and from what the line gets through. (Firefox
 * never settles a PUT whose file has shrunk.) A limit beyond 24 days would be none: timers fire at once for it.
 * @param {number} sizeBytes
 * @param {number | null} rate in bytes per second
 * @returns {number}
 */
export function timeLimitMs(sizeBytes, rate = null) {
  return PATIENCE_MS + (sizeBytes / Math.max((rate ?? 0) / 4, SLOWEST_BYTES_PER_SECOND)) * 1000;
}

/** What one of several requests gets through, in bytes per second: sizes and time limits follow from it. */
export class LaneRate {
  /** @type {number | null} */
  value = null;
  #sinceMeasured = () => Infinity;

  /**
   * A request was answered.
   * @param {number} bytes
   * @param {number} ms
   */
  add(bytes, ms) {
    if (bytes < LEAST_BYTES) return;
    const rate = (bytes / Math.max(ms, 1)) * 1000;
    const before = this.value ?? rate;
    this.value = before + (rate - before) * (rate < before ? 0.5 : 0.3);
    this.#sinceMeasured = startStopwatch();
  }

  /**
   * A request was not answered in time: it was slower than this, nobody knows how much. A small one tells of the
   * storage, not of the line, and so does one while which others got through.
   * @param {number} bytes
   * @param {number} ms
   */
  lower(bytes, ms) {
    if (bytes >= LEAST_BYTES && this.#sinceMeasured() >= ms) this.value = Math.min(this.value ?? Infinity, (bytes / ms) * 1000);
  }
}
