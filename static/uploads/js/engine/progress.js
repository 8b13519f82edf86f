/** From bytes that have been answered for to speed and time left. Nothing here is a guess at what is on the way. */

const WINDOW_MS = 20_000;
const BUCKET_MS = 1000;
/** After a longer standstill the speed is measured anew. */
const STANDSTILL_MS = 2000;

/** The speed of the last twenty seconds: answers come in lumps. */
export class Speed {
  /** @type {{at: number, bytes: number}[]} */
  #lumps = [];
  #since = performance.now();

  /** @param {number} bytes */
  add(bytes) {
    const now = performance.now();
    const last = this.#lumps.at(-1);
    if (last && now - last.at < BUCKET_MS) last.bytes += bytes;
    else this.#lumps.push({ at: now, bytes });
  }

  /** @returns {number | null} bytes per second; null while nothing can be said */
  get rate() {
    const now = performance.now();
    while (this.#lumps[0]?.at < now - WINDOW_MS) this.#lumps.shift();
    const ms = Math.min(now - this.#since, WINDOW_MS);
    const bytes = this.#lumps.reduce((sum, lump) => sum + lump.bytes, 0);
    return ms >= BUCKET_MS && bytes > 0 ? (bytes / ms) * 1000 : null;
  }
}

/** @typedef {import("./upload.js").Upload} Upload */

/** Sums over all files: kept up to date, never counted again. */
export class Tally {
  /** How many are in each state. @type {Record<string, number>} */
  #files = {};
  /** How large they are. @type {Record<string, number>} */
  #bytes = {};
  /** Of these something has arrived, and they are not stored yet. @type {Set<Upload>} */
  #begun = new Set();
  #speed = new Speed();
  #stoppedAt = -Infinity;

  /**
   * @param {Upload} upload
   * @param {string | null} from null: it is new
   * @param {string | null} to null: it is gone
   */
  move(upload, from, to) {
    const now = performance.now();
    if (to === "sending" && !this.files(to) && now - this.#stoppedAt > STANDSTILL_MS) this.#speed = new Speed();
    if (from === "sending") this.#stoppedAt = now;
    this.#add(from, -1, upload);
    this.#add(to, 1, upload);
    if (to === null || !(upload.canCancel || upload.isOpen)) this.#begun.delete(upload);
  }

  /**
   * The storage has answered for so much more of it.
   * @param {Upload} upload
   * @param {number} bytes
   */
  advance(upload, bytes) {
    this.#speed.add(bytes);
    this.#begun.add(upload);
  }

  /**
   * @param {...string} states
   * @returns {number}
   */
  files(...states) {
    return states.reduce((sum, state) => sum + (this.#files[state] ?? 0), 0);
  }

  /**
   * @param {...string} states
   * @returns {number}
   */
  bytes(...states) {
    return states.reduce((sum, state) => sum + (this.#bytes[state] ?? 0), 0);
  }

  /** @returns {"idle" | "working" | "done" | "attention"} the state of the whole queue */
  get state() {
    if (this.files("waiting", "sending", "paused", "checking", "sent") > 0) return "working";
    if (this.files("failed", "mismatch") > 0) return "attention";
    return this.files("stored") > 0 ? "done" : "idle";
  }

  /** What is on its way is not guessed at: sent is what the storage has answered for. */
  get progress() {
    const stored = this.bytes("stored");
    const sentBytes = [...this.#begun].reduce((sum, upload) => sum + upload.sentBytes, stored);
    const totalBytes = stored + this.bytes("waiting", "sending", "paused", "checking", "sent");
    const rate = this.files("sending") > 0 ? this.#speed.rate : null;
    return { sentBytes, totalBytes, rate };
  }

  /**
   * @param {string | null} state
   * @param {1 | -1} sign
   * @param {Upload} upload
   */
  #add(state, sign, { file }) {
    if (state === null) return;
    this.#files[state] = this.files(state) + sign;
    this.#bytes[state] = this.bytes(state) + sign * file.size;
  }
}
