/** Gathers single items, so that many of them need few requests. */

/**
 * @template T
 */
export class Batch {
  #send;
  #most;
  #pauseMs;
  #lanes;
  /** @type {T[]} */
  #gathered = [];
  /** @type {Set<T[]>} */
  #travelling = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {(items: T[]) => Promise<void>} send must settle its own errors
   * @param {{most?: number, pauseMs?: number, lanes?: number}} limits items and requests at a time
   */
  constructor(send, { most = 100, pauseMs = 100, lanes = 2 } = {}) {
    this.#send = send;
    this.#most = most;
    this.#pauseMs = pauseMs;
    this.#lanes = lanes;
  }

  /** @param {T} item */
  add(item) {
    this.#gathered.push(item);
    if (this.#gathered.length >= this.#most) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), this.#pauseMs);
  }

  /** @returns {T[]} what nobody has confirmed yet */
  get unconfirmed() {
    return [...[...this.#travelling].flat(), ...this.#gathered];
  }

  #start() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#gathered.length > 0 && this.#travelling.size < this.#lanes) {
      this.#travel(this.#gathered.splice(0, this.#most));
    }
  }

  /** @param {T[]} items */
  async #travel(items) {
    this.#travelling.add(items);
    try {
      await this.#send(items);
    } finally {
      this.#travelling.delete(items);
      this.#start();
    }
  }
}
