/** Gathers single items, so that many of them need few requests. */

const MOST = 100;
/** From one request to the next, unless so many have gathered: the first one goes at once, and so does the last. */
const PAUSE_MS = 250;
/** Requests at a time. */
const LANES = 2;

/**
 * @template T
 */
export class Batch {
  #send;
  #isLast;
  /** @type {T[]} */
  #gathered = [];
  /** @type {Set<T[]>} */
  #travelling = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #sentAt = 0;

  /**
   * @param {(items: T[]) => Promise<void>} send must settle its own errors
   * @param {() => boolean} isLast whether waiting for others would be in vain
   */
  constructor(send, isLast) {
    this.#send = send;
    this.#isLast = isLast;
  }

  /** @param {T} item */
  add(item) {
    this.#gathered.push(item);
    this.#schedule();
  }

  /** @returns {T[]} what nobody has confirmed yet */
  get unconfirmed() {
    return [...this.#travelling, this.#gathered].flat();
  }

  #schedule() {
    clearTimeout(this.#timer);
    if (this.#gathered.length === 0) return;
    const isDue = this.#gathered.length >= MOST || this.#isLast();
    this.#timer = setTimeout(() => this.#start(), isDue ? 0 : this.#sentAt + PAUSE_MS - performance.now());
  }

  async #start() {
    if (this.#travelling.size >= LANES) return;
    this.#sentAt = performance.now();
    const items = this.#gathered.splice(0, MOST);
    this.#travelling.add(items);
    this.#schedule();
    await this.#send(items);
    this.#travelling.delete(items);
    this.#schedule();
  }
}
