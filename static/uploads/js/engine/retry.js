/** Asking again: with full jitter, for as long as the error says that it may help. */

const BASE_MS = 500;
const LONGEST_MS = 30_000;

/**
 * A random time up to an exponentially growing limit, so that thousands of browsers do not come back at once.
 * @param {number} failures so far, from 0
 * @param {() => number} random
 * @returns {number} milliseconds
 */
export function backOffMs(failures, random = Math.random) {
  return random() * Math.min(LONGEST_MS, BASE_MS * 2 ** Math.min(failures, 10));
}

/** Repeats calls until they are answered. */
export class Patience {
  /** @type {Set<() => void>} */
  #sleepers = new Set();
  #onTrouble;
  #troubled = 0;

  /** @param {(error: import("./errors.js").ApiError | null, delayMs: number) => void} onTrouble null: all is well again */
  constructor(onTrouble = () => {}) {
    this.#onTrouble = onTrouble;
  }

  /**
   * @template T
   * @param {() => Promise<T>} attempt rejects with an ApiError
   * @returns {Promise<T>}
   */
  async until(attempt) {
    let failures = 0;
    try {
      for (;;) {
        try {
          return await attempt();
        } catch (error) {
          if (!error.isRetryable) throw error;
          if (failures === 0) this.#troubled += 1;
          await this.#waitAfter(error, failures);
          failures += 1;
        }
      }
    } finally {
      if (failures > 0) this.#recover();
    }
  }

  /** The network is back: whoever waits only for that need not wait longer. */
  wake() {
    for (const wakeUp of this.#sleepers) wakeUp();
  }

  #recover() {
    this.#troubled -= 1;
    if (this.#troubled === 0) this.#onTrouble(null, 0);
  }

  /**
   * @param {import("./errors.js").ApiError} error
   * @param {number} failures
   */
  #waitAfter(error, failures) {
    const jitter = backOffMs(failures);
    const delayMs = error.retryAfterMs === null ? jitter : error.retryAfterMs + Math.min(jitter, 1000);
    this.#onTrouble(error, delayMs);
    return new Promise((resolve) => {
      const wakeUp = () => {
        clearTimeout(timer);
        this.#sleepers.delete(wakeUp);
        resolve(undefined);
      };
      const timer = setTimeout(wakeUp, delayMs);
      // A server that named a time is not asked earlier.
      if (error.retryAfterMs === null) this.#sleepers.add(wakeUp);
    });
  }
}
