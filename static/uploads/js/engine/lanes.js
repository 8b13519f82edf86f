/** How many requests go to the storage at a time, and what they tell of the line and of the storage. */

import { startStopwatch } from "./grant.js";
import { singlePut } from "./single-put.js";
import { timeLimitMs } from "./transport.js";

/** As many as a browser opens connections to one host: more would wait there, with their time limits running. */
const MOST = 6;
/** A storage that was busy is trusted with one more after so many answers. */
const ANSWERS_FOR_MORE = 10;
const BETWEEN_HALVINGS_MS = 1000;
/** One that hangs must not hold up all others. */
const LEAST = 2;
const LOOK_MS = 1000;
/** What takes less is mostly waiting for the network's round trips. */
const LEAST_BYTES = 256 * 1024;

/**
 * @typedef {{upload: import("./upload.js").Upload, grant: import("./grant.js").Grant, body: any, isPart: boolean}} Job
 *   `body`: a Blob or an ArrayBuffer
 */

export class Lanes {
  /** Origins that the page's own policy has kept it from. @type {Set<string>} */
  blockedOrigins = new Set();
  rate = new LaneRate();
  limit = MOST;
  #onRoom;
  #answers = 0;
  #sinceHalved = () => Infinity;
  #holds = 0;
  /** @type {Map<Job, AbortController>} */
  #sending = new Map();

  /** @param {() => void} [onRoom] called when a busy storage may be asked again */
  constructor(onRoom) {
    this.#onRoom = onRoom;
  }

  /** @returns {boolean} */
  get hasRoom() {
    return this.#holds === 0 && this.#sending.size < this.limit;
  }

  /** @returns {boolean} */
  get isIdle() {
    return this.#sending.size === 0;
  }

  /**
   * @param {boolean} isPart
   * @returns {number} how many parts, or whole files, are on their way
   */
  count(isPart) {
    return [...this.#sending.keys()].filter((job) => job.isPart === isPart).length;
  }

  /**
   * @param {Job} job
   * @returns {Promise<import("./single-put.js").Outcome | null>} null when it was stopped
   */
  async send(job) {
    const { grant, body } = job;
    const lane = new AbortController();
    this.#sending.set(job, lane);
    const size = body.size ?? body.byteLength;
    const sinceSent = startStopwatch();
    let limitMs = Infinity;
    // Looked at again and again: that others get through counts for those on their way, too. That one did not, does not.
    const look = () => {
      limitMs = Math.min(limitMs, timeLimitMs(size, this.rate.value));
      if (sinceSent() >= limitMs) lane.abort();
      else timer = setTimeout(look, LOOK_MS);
    };
    let timer = setTimeout(look, LOOK_MS);
    const outcome = await singlePut(grant, body, { signal: lane.signal, blockedOrigins: this.blockedOrigins });
    clearTimeout(timer);
    // Stopped meanwhile, and perhaps being sent again already.
    if (!this.#sending.delete(job)) return null;
    this.#learn(outcome, { size, ms: sinceSent(), isLate: lane.signal.aborted });
    return outcome;
  }

  /** @param {import("./upload.js").Upload} upload */
  stop(upload) {
    for (const [job, lane] of this.#sending) {
      if (job.upload === upload && this.#sending.delete(job)) lane.abort();
    }
  }

  /**
   * @param {import("./single-put.js").Outcome} outcome
   * @param {{size: number, ms: number, isLate: boolean}} took
   */
  #learn({ answer, retryAfterMs }, { size, ms, isLate }) {
    const status = answer?.status;
    if (status === 503 || status === 429) this.#slowDown(retryAfterMs);
    else if (isLate) this.rate.lower(size, ms);
    else if (status === 200) {
      this.rate.add(size, ms);
      this.#answers += 1;
      if (this.#answers % ANSWERS_FOR_MORE === 0) this.limit = Math.min(this.limit + 1, MOST);
    }
  }

  /** @param {number | null | undefined} holdMs for which nothing is to be sent */
  #slowDown(holdMs) {
    if (this.#sinceHalved() >= BETWEEN_HALVINGS_MS) {
      this.limit = Math.max(LEAST, Math.floor(this.limit / 2));
      this.#sinceHalved = startStopwatch();
    }
    if (!holdMs) return;
    this.#holds += 1;
    setTimeout(() => {
      this.#holds -= 1;
      this.#onRoom?.();
    }, holdMs);
  }
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
