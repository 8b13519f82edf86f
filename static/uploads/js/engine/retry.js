/** Asking again: with full jitter, for as long as the error says that it may help. */

import { startStopwatch } from "./grant.js";

const BASE_MS = 500;
const LONGEST_MS = 30_000;
/** In a row, without a byte between them, and for so long: pauses are random, and a short outage must end nothing. */
const MOST_FAILURES = 10;
const OUTAGE_MS = 60_000;
/** Too early, and too late: a fresh signature helps. The others tell of a line, or of a clock, that failed. */
const PASSING = new Set([
  "0002-00000235", "0002-00000236", "0002-00000069", "IncompleteBody", "NoSuchUpload", "RequestTimeout",
  "RequestTimeTooSkewed",
]);

/**
 * A random time up to an exponentially growing limit, so that thousands of browsers do not come back at once.
 * @param {number} failures so far, from 0
 * @param {() => number} random
 * @returns {number} milliseconds
 */
export function backOffMs(failures, random = Math.random) {
  return random() * Math.min(LONGEST_MS, BASE_MS * 2 ** failures);
}

/**
 * Whether the storage may answer otherwise to the same bytes under a fresh URL.
 * @param {{status: number | null, code?: string, ec?: string}} answer
 * @returns {boolean}
 */
export function mayPass({ status, code = "", ec = "" }) {
  return status === null || status >= 500 || [408, 409, 429].includes(status) || PASSING.has(code) || PASSING.has(ec);
}

/** Repeats calls until they are answered. */
export class Patience {
  /** @type {Set<() => void>} */
  #sleepers = new Set();
  #onTrouble;
  #troubles = 0;

  /** @param {(error: import("./grants-api.js").ApiError | null, delayMs: number) => void} onTrouble null: all is well again */
  constructor(onTrouble = () => {}) {
    this.#onTrouble = onTrouble;
  }

  /**
   * @template T
   * @param {() => Promise<T>} attempt rejects with an ApiError
   * @param {number} failures so far
   * @returns {Promise<T>}
   */
  async until(attempt, failures = 0) {
    try {
      return await attempt();
    } catch (error) {
      if (!error.isRetryable) throw error;
      this.#troubles += 1;
      const { retryAfterMs } = error;
      const delayMs = (retryAfterMs ?? 0) + backOffMs(failures);
      this.#onTrouble(error, delayMs);
      // A server that named a time is not asked earlier.
      await this.rest(delayMs, retryAfterMs === null);
    }
    try {
      return await this.until(attempt, failures + 1);
    } finally {
      this.#troubles -= 1;
      if (this.#troubles === 0) this.#onTrouble(null, 0);
    }
  }

  /**
   * @param {number} delayMs
   * @param {boolean} isWakeable whether it ends when the network is back
   * @returns {Promise<void>}
   */
  rest(delayMs, isWakeable = true) {
    return new Promise((resolve) => {
      const wakeUp = () => {
        this.#sleepers.delete(wakeUp);
        resolve();
      };
      setTimeout(wakeUp, delayMs);
      if (isWakeable) this.#sleepers.add(wakeUp);
    });
  }

  /** The network is back: whoever waits only for that need not wait longer. */
  wake() {
    for (const wakeUp of this.#sleepers) wakeUp();
  }
}

/**
 * Later, with the parts that are missing, of which none is sent until then; or from the beginning.
 * @param {import("./upload.js").Upload} upload
 * @param {import("./multipart.js").Multipart | null} parts null: from the beginning, under a fresh grant
 * @param {{patience: Patience, giveUp: () => void,
 *   scheduler: {add: (upload: import("./upload.js").Upload) => void}}} steps `giveUp`: what is done instead when it was
 *   tried too often
 */
export async function tryAgain(upload, parts, { patience, giveUp, scheduler }) {
  if (parts?.isAtRest) return;
  if (upload.attempt === 1) upload.sinceFailure = startStopwatch();
  if (upload.attempt >= MOST_FAILURES && upload.sinceFailure() >= OUTAGE_MS) return giveUp();
  const delayMs = backOffMs(upload.attempt - 1);
  upload.attempt += 1;
  if (!parts) upload.again();
  else {
    parts.isAtRest = true;
    upload.move();
  }
  await patience.rest(delayMs);
  if (parts) parts.isAtRest = false;
  if (upload.parts === parts && upload.canPause && (parts || !upload.grant)) scheduler.add(upload);
}
