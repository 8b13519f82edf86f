/** Gathers single items, so that many of them need few requests. */

const MOST = 100;
const PAUSE_MS = 100;
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

  /** @param {(items: T[]) => Promise<void>} send must settle its own errors */
  constructor(send) {
    this.#send = send;
  }

  /** @param {T} item */
  add(item) {
    this.#gathered.push(item);
    if (this.#gathered.length >= MOST) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), PAUSE_MS);
  }

  /** @returns {T[]} what nobody has confirmed yet */
  get unconfirmed() {
    return [...this.#travelling, this.#gathered].flat();
  }

  async #start() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#gathered.length > 0 && this.#travelling.size < LANES) {
      const items = this.#gathered.splice(0, MOST);
      this.#travelling.add(items);
      await this.#send(items);
      this.#travelling.delete(items);
    }
  }
}
