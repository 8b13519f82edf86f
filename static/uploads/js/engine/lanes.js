/** How many files are sent at a time. */

import { singlePut } from "./single-put.js";

/** As many as a browser opens connections to one host: more would wait there, with their time limits running. */
const MOST = 6;

export class Lanes {
  /** Origins that the page's own policy has kept it from. @type {Set<string>} */
  blockedOrigins = new Set();
  /** @type {Map<import("./upload.js").Upload, AbortController>} */
  #sending = new Map();

  /** @returns {boolean} */
  get hasRoom() {
    return this.#sending.size < MOST;
  }

  /**
   * @param {import("./upload.js").Upload} upload
   * @returns {Promise<import("./single-put.js").Outcome | null>} null when it was stopped
   */
  async send(upload) {
    const { file, grant } = upload;
    if (!grant) throw new Error("A file without a grant cannot be sent.");
    const lane = new AbortController();
    this.#sending.set(upload, lane);
    const outcome = await singlePut(grant, file, { signal: lane.signal, blockedOrigins: this.blockedOrigins });
    // Stopped meanwhile, and perhaps being sent again already.
    if (this.#sending.get(upload) !== lane) return null;
    this.#sending.delete(upload);
    return outcome;
  }

  /** @param {import("./upload.js").Upload} upload */
  stop(upload) {
    this.#sending.get(upload)?.abort();
    this.#sending.delete(upload);
  }
}
