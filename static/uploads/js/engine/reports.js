/** What the browser tells the server of each file, and the server's word on it. */

import { Batch } from "../lib/batch.js";
import { Confirmations } from "./confirmations.js";

/** @typedef {import("./upload.js").Upload} Upload */
/** @typedef {{upload: Upload, item: any}} Report */

export class Reports {
  #api;
  #results;
  #completions;
  #cancellations;
  /** Of these something is to be told as soon as it is known. @type {Set<Upload>} */
  held = new Set();

  /**
   * @param {import("./grants-api.js").GrantsApi} api
   * @param {(upload: Upload, answer: any) => void} hear what the server says, where that is not the last word on it
   */
  constructor(api, hear) {
    this.#api = api;
    this.confirmations = new Confirmations(api, hear);
    const batch = (/** @type {(items: any[]) => Promise<any[]>} */ ask) =>
      new Batch(async (/** @type {Report[]} */ reports) => {
        const answers = await ask(reports.map(({ item }) => item)).catch(() => []);
        reports.forEach(({ upload }, index) => this.confirmations.hear(upload, answers[index]));
      });
    this.#results = batch((results) => api.results(results));
    this.#completions = batch((files) => api.complete(files));
    this.#cancellations = batch((ids) => api.cancel(ids));
  }

  /** @returns {boolean} whether the server waits for something that only this page can say */
  get areUnsaid() {
    return this.held.size > 0 || this.#completions.unconfirmed.length > 0;
  }

  /**
   * It was sent, or could not be. What that means is for the server to say.
   * @param {Upload} upload
   * @param {Partial<import("./transport.js").PutAnswer> & {crc64?: string | null}} answer none but a checksum where all
   *   its parts have arrived
   */
  ended(upload, { crc64, ...answer }) {
    const reports = "status" in answer ? this.#results : this.#completions;
    reports.add({ upload, item: { id: upload.id, ...answer, ...(crc64 && { crc64 }) } });
  }

  /**
   * The visitor does not want it any more.
   * @param {Upload} upload
   */
  cancelled(upload) {
    this.#cancellations.add({ upload, item: upload.id });
  }

  /** @param {boolean} isHidden whether the page is out of view */
  setHidden(isHidden) {
    this.confirmations.setHidden(isHidden);
  }

  /** The page is being left: say once more what the server has not confirmed. */
  leave() {
    // Browsers carry 64 KB past the end of a page: evidence would push out the results.
    const results = this.#results.unconfirmed.map(({ item }) => ({ ...item, evidence: undefined }));
    if (results.length > 0) this.#api.leave(results.slice(-100));
  }
}
