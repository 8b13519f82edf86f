/** What the browser tells the server of each file, and the server's word on it. */

import { Batch } from "../lib/batch.js";
import { Confirmations } from "./confirmations.js";

/** @typedef {{upload: import("./upload.js").Upload, result: import("./grants-api.js").Result}} Report */

export class Reports {
  #api;
  #confirmations;
  /** @type {Batch<Report>} */
  #results = new Batch((reports) => this.#report(reports));
  /** @type {Batch<import("./upload.js").Upload>} */
  #cancellations = new Batch((uploads) => this.#cancel(uploads));

  /** @param {import("./grants-api.js").GrantsApi} api */
  constructor(api) {
    this.#api = api;
    this.#confirmations = new Confirmations(api);
  }

  /**
   * A PUT has ended. What the answer means is for the server to say.
   * @param {import("./upload.js").Upload} upload
   * @param {import("./transport.js").PutAnswer} answer
   */
  ended(upload, answer) {
    const { status } = answer;
    // 409 FileAlreadyExists: browsers send a PUT again by themselves, and the first one may have arrived.
    upload.wasTaken = status !== null && ((status >= 200 && status < 300) || status === 409);
    upload.move("checking");
    this.#confirmations.expect(upload);
    this.#results.add({ upload, result: { id: upload.id, ...answer } });
  }

  /**
   * The visitor does not want it any more.
   * @param {import("./upload.js").Upload} upload
   */
  cancelled(upload) {
    this.#cancellations.add(upload);
  }

  /** @param {boolean} isHidden whether the page is out of view */
  setHidden(isHidden) {
    this.#confirmations.setHidden(isHidden);
  }

  /** The page is being left: say once more what the server has not confirmed. */
  leave() {
    // Browsers carry 64 KB past the end of a page: evidence would push out the results.
    const results = this.#results.unconfirmed.map(({ result }) => ({ ...result, evidence: undefined }));
    if (results.length > 0) this.#api.leave(results.slice(-100));
  }

  /** @param {Report[]} reports */
  async #report(reports) {
    const uploads = reports.map(({ upload }) => upload);
    const answers = await this.#api.results(reports.map(({ result }) => result)).catch(() => []);
    uploads.forEach((upload, index) => this.#confirmations.hear(upload, answers[index]));
  }

  /** @param {import("./upload.js").Upload[]} uploads */
  async #cancel(uploads) {
    const answers = await this.#api.cancel(uploads.map(({ id }) => id)).catch(() => []);
    uploads.forEach((upload, index) => this.#confirmations.hear(upload, answers[index]));
  }
}
