/** Keeps granted files ready to be sent: asks in batches, ahead of need, and again for URLs that lapsed. */

import { Grant, startStopwatch } from "./grant.js";

/** Few at first, so that the first bytes move soon. */
const FIRST_BATCH = 20;
const BATCH = 100;
/** The next batch is asked for while so many are left: none must wait for a round trip. */
const LOW = 50;
/** What the server will not take, however often it is asked. */
const FINAL = new Set([
  "id_conflict", "name_invalid", "name_too_long", "page_closed", "retry_invalid", "size_invalid", "too_large",
]);

export class GrantSupply {
  #api;
  #onAnswers;
  #onUnwanted;
  #batch = FIRST_BATCH;
  #isAsking = false;
  /** @type {Set<import("./upload.js").Upload>} */
  #wanted = new Set();
  /** @type {Set<import("./upload.js").Upload>} */
  #ready = new Set();

  /**
   * @param {import("./grants-api.js").GrantsApi} api
   * @param {{onAnswers: () => void, onUnwanted: (upload: import("./upload.js").Upload) => void}} callbacks
   *   `onUnwanted`: a grant came for a file that had been cancelled meanwhile
   */
  constructor(api, { onAnswers, onUnwanted }) {
    this.#api = api;
    this.#onAnswers = onAnswers;
    this.#onUnwanted = onUnwanted;
  }

  /** @param {import("./upload.js").Upload} upload */
  add(upload) {
    this.#wanted.add(upload);
  }

  /** @param {import("./upload.js").Upload} upload */
  delete(upload) {
    this.#wanted.delete(upload);
    this.#ready.delete(upload);
  }

  /** @returns {import("./upload.js").Upload | null} the next file whose URL will live long enough */
  take() {
    const lapsed = [];
    let taken = null;
    for (const upload of this.#ready) {
      this.#ready.delete(upload);
      if (upload.grant?.isFresh) {
        taken = upload;
        break;
      }
      lapsed.push(upload);
    }
    if (lapsed.length > 0) this.#wanted = new Set([...lapsed, ...this.#wanted]);
    return taken;
  }

  /** Ask for more if it is time. */
  async refill() {
    if (this.#isAsking || this.#ready.size >= LOW || this.#wanted.size === 0) return;
    this.#isAsking = true;
    const batch = this.#nextBatch();
    const sinceAsked = startStopwatch();
    try {
      const answers = await this.#api.grants(batch.map(asked));
      batch.forEach((upload, index) => this.#hear(upload, answers[index], sinceAsked));
    } catch (error) {
      for (const upload of batch) refuse(upload, error);
    }
    this.#isAsking = false;
    this.#onAnswers();
  }

  #nextBatch() {
    const batch = [];
    for (const upload of this.#wanted) {
      if (batch.length === this.#batch) break;
      this.#wanted.delete(upload);
      batch.push(upload);
    }
    this.#batch = BATCH;
    return batch;
  }

  /**
   * @param {import("./upload.js").Upload} upload
   * @param {any} answer
   * @param {() => number} sinceAsked
   */
  #hear(upload, answer, sinceAsked) {
    if (upload.state !== "waiting") {
      if (answer.url) this.#onUnwanted(upload);
    } else if (answer.error) {
      upload.isRefused = true;
      refuse(upload, answer.error);
    } else if (answer.url) {
      upload.grant = new Grant(answer, sinceAsked);
      upload.rename(answer);
      this.#ready.add(upload);
    } else {
      this.#settle(upload, answer);
    }
  }

  /**
   * It ended while it waited: sent before, or given up. A new grant takes the place of one that was given up.
   * @param {import("./upload.js").Upload} upload
   * @param {import("./grants-api.js").Status} status
   */
  #settle(upload, status) {
    if (status.retry === "new" && !upload.retryOf) {
      upload.retry = "new";
      upload.restart();
      this.#wanted.add(upload);
    } else {
      upload.settle(status);
    }
  }
}

/**
 * @param {import("./upload.js").Upload} upload
 * @returns {import("./grants-api.js").Asked}
 */
function asked({ id, file, retryOf }) {
  return { id, name: file.name, size: file.size, type: file.type, ...(retryOf && { retry_of: retryOf }) };
}

/**
 * @param {import("./upload.js").Upload} upload
 * @param {{code: string, message: string}} error
 */
function refuse(upload, { code, message }) {
  if (upload.state === "waiting") upload.fail({ code, message }, FINAL.has(code) ? null : "same");
}
