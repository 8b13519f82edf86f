/** Sums over all files: kept up to date, never counted again. */

import { leftSeconds, Speed } from "./progress.js";

/** After a longer standstill the speed is measured anew. */
const STANDSTILL_MS = 2000;

/** @typedef {import("./upload.js").Upload} Upload */

export class Tally {
  /** @type {Map<string, {files: number, bytes: number}>} */
  #states = new Map();
  /** Of these some parts have arrived. @type {Set<Upload>} */
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
    if (to === "sending" && this.files(to) === 0 && now - this.#stoppedAt > STANDSTILL_MS) this.#speed = new Speed(now);
    if (from === "sending") this.#stoppedAt = now;
    if (from !== null) this.#add(from, -1, -upload.file.size);
    if (to !== null) this.#add(to, 1, upload.file.size);
    if (to === null || !upload.canCancel) this.#begun.delete(upload);
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
    return states.reduce((sum, state) => sum + (this.#states.get(state)?.files ?? 0), 0);
  }

  /**
   * @param {...string} states
   * @returns {number}
   */
  bytes(...states) {
    return states.reduce((sum, state) => sum + (this.#states.get(state)?.bytes ?? 0), 0);
  }

  /** @returns {"idle" | "working" | "done" | "attention"} the state of the whole queue */
  get state() {
    if (this.files("waiting", "sending", "paused", "checking", "sent") > 0) return "working";
    if (this.files("failed", "mismatch") > 0) return "attention";
    return this.files("stored") > 0 ? "done" : "idle";
  }

  /** What is on its way is not guessed at: sent is what the storage has answered for. */
  get progress() {
    const isSent = this.bytes("checking", "sent", "stored");
    const sentBytes = [...this.#begun].reduce((sum, upload) => sum + upload.sentBytes, isSent);
    const totalBytes = isSent + this.bytes("waiting", "sending", "paused");
    const rate = this.files("sending") > 0 ? this.#speed.rate(performance.now()) : null;
    return { sentBytes, totalBytes, rate, leftSeconds: leftSeconds(totalBytes - sentBytes, rate) };
  }

  /**
   * @param {string} state
   * @param {number} files
   * @param {number} bytes
   */
  #add(state, files, bytes) {
    const sum = this.#states.get(state) ?? { files: 0, bytes: 0 };
    this.#states.set(state, { files: sum.files + files, bytes: sum.bytes + bytes });
  }
}
