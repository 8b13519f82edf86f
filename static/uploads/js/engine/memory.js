/** What this browser has sent to this page, and what it began to send: kept for the visitor's next visit to look at. */

const MOST = 100;
const SAVE_MS = 1000;

/** @typedef {{id: string, name: string, size: number, path: string, state: string, storedAt: string | null}} Entry */

export class Memory {
  #name;
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
    this.#name = `sent-files ${path}`;
    this.#storage = storage;
    this.before = this.#load();
  }

  /**
   * @param {import("./upload.js").Upload} upload that has moved
   * @returns {boolean} whether it was among those of earlier visits, and is not any more
   */
  note({ id, name, path, file, state, storedAt, parts }) {
    const isKept = state === "stored" || (parts !== null && state !== "cancelled" && state !== "mismatch");
    if (isKept) this.#now.set(id, { id, name, path, size: file.size, state, storedAt: storedAt?.toISOString() ?? null });
    else if (this.#now.delete(id) || state === "cancelled" || state === "mismatch") this.#gone.add(id);
    else return false;
    this.#timer ??= setTimeout(() => this.#save(), SAVE_MS);
    const { length } = this.before;
    this.before = this.before.filter((entry) => entry.id !== id);
    return this.before.length < length;
  }

  /** Another tab may have written meanwhile. */
  #save() {
    this.#timer = undefined;
    const others = this.#load().filter(({ id }) => !this.#now.has(id) && !this.#gone.has(id));
    const entries = [...[...this.#now.values()].reverse(), ...others].slice(0, MOST);
    try {
      this.#storage().setItem(this.#name, JSON.stringify(entries));
    } catch {
      // Private windows and full storage: only the list of what was sent is not there the next time.
    }
  }

  /** @returns {Entry[]} */
  #load() {
    try {
      const entries = JSON.parse(this.#storage().getItem(this.#name) ?? "[]");
      return Array.isArray(entries) ? entries : [];
    } catch {
      return [];
    }
  }
}
