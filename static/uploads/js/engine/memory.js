/** What this browser keeps of a page: its visitor's key, and what was sent or begun, to look at in the next visit. */

const MOST = 100;
const SAVE_MS = 1000;

/** @typedef {{id: string, name: string, size: number, path: string, state: string, storedAt: string | Date | null}} Entry */

export class Memory {
  #path;
  #storage;
  /** Of this visit, the latest last. @type {Map<string, Entry>} */
  #now = new Map();
  /** Ids of this visit that are not to be kept. @type {Set<string>} */
  #gone = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Of earlier visits, the latest first, without what was chosen again. @type {Entry[]} */
  before;

  /**
   * @param {string} path of the page
   * @param {() => Storage} storage asked for late: where nothing may be kept, reading it throws
   */
  constructor(path, storage) {
    this.#path = path;
    this.#storage = storage;
    this.before = this.#load();
  }

  /**
   * @param {import("./upload.js").Upload} upload that has moved
   * @returns {boolean} whether it was among those of earlier visits, and is not any more
   */
  note({ id, name, path, file, state, storedAt, parts }) {
    const isUnwanted = ["cancelled", "mismatch"].includes(state);
    const isKept = state === "stored" || (parts !== null && !isUnwanted);
    if (isKept) this.#now.set(id, { id, name, path, size: file.size, state, storedAt });
    else if (this.#now.delete(id) || isUnwanted) this.#gone.add(id);
    else return false;
    this.#timer ??= setTimeout(() => this.save(), SAVE_MS);
    const { length } = this.before;
    this.before = this.before.filter((entry) => entry.id !== id);
    return this.before.length < length;
  }

  /**
   * What tells this browser's files from another visitor's, sent as a header and never part of a URL. Where nothing may
   * be kept, it is a new one for this visit.
   * @returns {string} two numbers of 64 bits
   */
  visitorKey() {
    const name = `visitor-key ${this.#path}`;
    const fresh = crypto.getRandomValues(new BigUint64Array(2)).join("-");
    try {
      const kept = this.#storage().getItem(name) ?? "";
      if (/^[\d-]{22,41}$/.test(kept)) return kept;
      this.#storage().setItem(name, fresh);
    } catch {
      // Private windows and full storage: the visit works, only a reload makes this browser a new visitor.
    }
    return fresh;
  }

  /** Soon after each change, and when the page is left. Another tab may have written meanwhile. */
  save() {
    this.#timer = undefined;
    const others = this.#load().filter(({ id }) => !this.#now.has(id) && !this.#gone.has(id));
    const entries = [...[...this.#now.values()].reverse(), ...others].slice(0, MOST);
    try {
      this.#storage().setItem(`sent-files ${this.#path}`, JSON.stringify(entries));
    } catch {
      // Only the list of what was sent is not there the next time.
    }
  }

  /** @returns {Entry[]} */
  #load() {
    try {
      const entries = JSON.parse(this.#storage().getItem(`sent-files ${this.#path}`) ?? "[]");
      return Array.isArray(entries) ? entries : [];
    } catch {
      return [];
    }
  }
}
