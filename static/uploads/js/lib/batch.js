/** Gathers single items, so that many of them need few requests. */

const MOST = 100;
/** From one request to the next, unless so many have gathered: the first one goes at once. */
const PAUSE_MS = 250;
/** Requests at a time. */
const LANES = 2;

/**
 * @template T
 */
export class Batch {
  #send;
  /** @type {T[]} */
  #gathered = [];
  /** @type {Set<T[]>} */
  #travelling = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #sentAt = 0;

  /** @param {(items: T[]) => Promise<void>} send must settle its own errors */
  constructor(send) {
    this.#send = send;
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
    if (this.#gathered.length >= MOST) this.#start();
    else if (this.#gathered.length > 0) {
      this.#timer ??= setTimeout(() => this.#start(), this.#sentAt + PAUSE_MS - performance.now());
    }
  }

  async #start() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#travelling.size >= LANES) return;
    this.#sentAt = performance.now();
    const items = this.#gathered.splice(0, MOST);
    this.#travelling.add(items);
    await this.#send(items);
    this.#travelling.delete(items);
    this.#schedule();
  }
}
