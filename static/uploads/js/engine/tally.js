/** Sums over all files: kept up to date, never counted again. */

import { leftSeconds, Speed } from "./progress.js";

/** After a longer standstill the speed is measured anew. */
const STANDSTILL_MS = 2000;

/** @typedef {import("./upload.js").Upload} Upload */

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
    return states.reduce((sum, state) => sum + (this.#sums[state]?.[0] ?? 0), 0);
  }

  /**
   * @param {...string} states
   * @returns {number}
   */
  bytes(...states) {
    return states.reduce((sum, state) => sum + (this.#sums[state]?.[1] ?? 0), 0);
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
