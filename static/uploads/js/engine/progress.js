/** From bytes that have been answered for to speed and time left. Nothing here is a guess at what is on the way. */

const WINDOW_MS = 20_000;
const BUCKET_MS = 1000;
/** After a longer standstill the speed is measured anew. */
const STANDSTILL_MS = 2000;

/** The speed of the last twenty seconds: answers come in lumps. */
export class Speed {
  /** @type {{at: number, bytes: number}[]} */
  #lumps = [];
  #since;

  /** @param {number} now in milliseconds */
  constructor(now) {
    this.#since = now;
  }

  /**
   * @param {number} bytes
   * @param {number} now
   */
  add(bytes, now) {
    const last = this.#lumps.at(-1);
    if (last && now - last.at < BUCKET_MS) last.bytes += bytes;
    else this.#lumps.push({ at: now, bytes });
  }

  /**
   * @param {number} now
   * @returns {number | null} bytes per second; null while nothing can be said
   */
  rate(now) {
    while (this.#lumps[0]?.at < now - WINDOW_MS) this.#lumps.shift();
    const ms = Math.min(now - this.#since, WINDOW_MS);
    const bytes = this.#lumps.reduce((sum, lump) => sum + lump.bytes, 0);
    return ms >= BUCKET_MS && bytes > 0 ? (bytes / ms) * 1000 : null;
  }
}

/**
 * @param {number} bytes that are missing
 * @param {number | null} rate
 * @returns {number | null}
 */
export function leftSeconds(bytes, rate) {
  return rate && bytes > 0 ? bytes / rate : null;
}

/** @typedef {import("./upload.js").Upload} Upload */

/** Sums over all files: kept up to date, never counted again. */
export class Tally {
  /** Files and bytes in each state. @type {Record<string, [number, number]>} */
  #sums = {};
  /** Of these something has arrived, and they are not stored yet. @type {Set<Upload>} */
  #begun = new Set();
  #speed = new Speed(0);
  #stoppedAt = -Infinity;

  /**
   * @param {Upload} upload
   * @param {string | null} from null: it is new
   * @param {string | null} to null: it is gone
   */
  move(upload, from, to) {
    const now = performance.now();
    if (to === "sending" && !this.files(to) && now - this.#stoppedAt > STANDSTILL_MS) this.#speed = new Speed(now);
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
    this.#speed.add(bytes, performance.now());
    this.#begun.add(upload);
  }

  /**
   * @param {...string} states
   * @returns {number}
   */
  files(...states) {
    return this.#sum(0, states);
  }

  /**
   * @param {...string} states
   * @returns {number}
   */
  bytes(...states) {
    return this.#sum(1, states);
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
    const rate = this.files("sending") > 0 ? this.#speed.rate(performance.now()) : null;
    return { sentBytes, totalBytes, rate, leftSeconds: leftSeconds(totalBytes - sentBytes, rate) };
  }

  /**
   * @param {0 | 1} what files or bytes
   * @param {string[]} states
   */
  #sum(what, states) {
    return states.reduce((sum, state) => sum + (this.#sums[state]?.[what] ?? 0), 0);
  }

  /**
   * @param {string | null} state
   * @param {1 | -1} sign
   * @param {Upload} upload
   */
  #add(state, sign, { file }) {
    if (state === null) return;
    const [files, bytes] = this.#sums[state] ?? [0, 0];
    this.#sums[state] = [files + sign, bytes + sign * file.size];
  }
}
