/** How many requests go to the storage at a time, and what they tell of the line and of the storage. */

import { startStopwatch } from "./grant.js";
import { LaneRate, timeLimitMs } from "./lane-rate.js";
import { singlePut } from "./single-put.js";

/** As many as a browser opens connections to one host: more would wait there, with their time limits running. */
const MOST = 6;
/** A storage that was busy is trusted with one more after so many answers. */
const ANSWERS_FOR_MORE = 10;
const BETWEEN_HALVINGS_MS = 1000;
/** One that hangs must not hold up all others. */
const LEAST = 2;
/**
 * Requests that begin together stay together: they wait for the network's round trips at the same time, then share the
 * line, and then it is idle again.
 */
const APART_MS = 40;
const LOOK_MS = 1000;

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
  /** One more for each request that began a moment ago. */
  #width = 1;
  #sinceHalved = () => Infinity;
  #holds = 0;
  /** @type {Map<Job, AbortController>} */
  #sending = new Map();

  /** @param {() => void} onRoom called when more may be sent */
  constructor(onRoom) {
    this.#onRoom = onRoom;
  }

  /** @returns {boolean} */
  get hasRoom() {
    return !this.#holds && this.#sending.size < Math.min(this.limit, this.#width);
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
    if (this.isIdle) this.#width = 1;
    this.#sending.set(job, lane);
    setTimeout(() => {
      this.#width += 1;
      this.#onRoom();
    }, APART_MS);
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
      this.#onRoom();
    }, holdMs);
  }
}
