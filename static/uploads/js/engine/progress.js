/** From bytes that have been answered for to speed and time left. Nothing here is a guess at what is on the way. */

const WINDOW_MS = 20_000;
const BUCKET_MS = 1000;
/** What takes less is mostly waiting for the network's round trips. */
const LEAST_BYTES = 256 * 1024;

/** The speed of the last twenty seconds: answers come in lumps. */
export class Speed {
  /** @type {{at: number, bytes: number}[]} */
  #lumps = [];
  #since;

  /** @param {number} now in milliseconds */
  constructor(now) {
    this.#since = now;
  }

  /**
   * @param {number} bytes
   * @param {number} now
   */
  add(bytes, now) {
    const last = this.#lumps.at(-1);
    if (last && now - last.at < BUCKET_MS) last.bytes += bytes;
    else this.#lumps.push({ at: now, bytes });
  }

  /**
   * @param {number} now
   * @returns {number | null} bytes per second; null while nothing can be said
   */
  rate(now) {
    while (this.#lumps[0]?.at < now - WINDOW_MS) this.#lumps.shift();
    const ms = Math.min(now - this.#since, WINDOW_MS);
    const bytes = this.#lumps.reduce((sum, lump) => sum + lump.bytes, 0);
    return ms >= BUCKET_MS && bytes > 0 ? (bytes / ms) * 1000 : null;
  }
}

/**
 * @param {number} bytes that are missing
 * @param {number | null} rate
 * @returns {number | null}
 */
export function leftSeconds(bytes, rate) {
  return rate && bytes > 0 ? bytes / rate : null;
}

/** What one of several requests gets through, in bytes per second: sizes and time limits follow from it. */
export class LaneRate {
  /** @type {number | null} */
  value = null;

  /**
   * A request was answered.
   * @param {number} bytes
   * @param {number} ms
   */
  add(bytes, ms) {
    if (bytes < LEAST_BYTES) return;
    const rate = (bytes / Math.max(ms, 1)) * 1000;
    const weight = rate < (this.value ?? 0) ? 0.5 : 0.3;
    this.value = this.value === null ? rate : this.value + (rate - this.value) * weight;
  }

  /**
   * A request was not answered in time: it was slower than this, nobody knows how much. A small one tells of the
   * storage, not of the line.
   * @param {number} bytes
   * @param {number} ms
   */
  lower(bytes, ms) {
    if (bytes >= LEAST_BYTES) this.value = Math.min(this.value ?? Infinity, ((bytes / ms) * 1000) / 4);
  }
}
