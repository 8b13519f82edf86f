/** Keeps granted files ready to be sent: asks in batches, ahead of need, and again for URLs that lapsed. */

import { Grant, startStopwatch } from "./grant.js";
import { identify } from "./identity.js";
import { problemNamed } from "./single-put.js";

/** Few at first, so that the first bytes move soon. */
const FIRST_BATCH = 20;
const BATCH = 100;
/** The next batch is asked for while so many are left: none must wait for a round trip. */
const LOW = 50;
/** What does not get better by being tried again. */
export const FINAL = new Set([
  "file_changed", "file_gone", "id_conflict", "name_invalid", "name_too_long", "page_closed", "parts_invalid",
  "path_invalid", "retry_invalid", "size_invalid", "too_large",
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
  /** Who has which id in this visit. @type {Map<string, import("./upload.js").Upload>} */
  #ids = new Map();

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

  /**
   * @param {(upload: import("./upload.js").Upload) => boolean} fits
   * @returns {import("./upload.js").Upload | null} the next file that fits and whose URL will live long enough
   */
  take(fits = () => true) {
    const lapsed = [...this.#ready].filter(({ grant }) => !grant?.isFresh);
    for (const upload of lapsed) this.#ready.delete(upload);
    if (lapsed.length > 0) this.#wanted = new Set([...lapsed, ...this.#wanted]);
    const taken = [...this.#ready].find(fits) ?? null;
    if (taken) this.#ready.delete(taken);
    return taken;
  }

  /** Ask for more if it is time. */
  async refill() {
    if (this.#isAsking || this.#ready.size >= LOW || this.#wanted.size === 0) return;
    this.#isAsking = true;
    // What is added in the same moment belongs to the same batch.
    await null;
    const batch = await this.#nextBatch();
    const sinceAsked = startStopwatch();
    try {
      const answers = batch.length > 0 ? await this.#api.grants(batch.map(asked)) : [];
      batch.forEach((upload, index) => this.#hear(upload, answers[index], sinceAsked));
    } catch (error) {
      for (const upload of batch) refuse(upload, error);
    }
    this.#isAsking = false;
    this.#onAnswers();
  }

  async #nextBatch() {
    const batch = [];
    for (const upload of this.#wanted) {
      if (batch.length === this.#batch) break;
      this.#wanted.delete(upload);
      batch.push(upload);
    }
    this.#batch = BATCH;
    const isReadable = await Promise.all(batch.map((upload) => this.#identify(upload)));
    return batch.filter((_, index) => isReadable[index]);
  }

  /** @param {import("./upload.js").Upload} upload */
  async #identify(upload) {
    try {
      await identify(upload);
    } catch (error) {
      if (upload.state === "waiting") upload.fail({ code: problemNamed(error.name), message: "" }, null);
      return false;
    }
    // The same file was taken off the list before, and its grant was given back.
    while ((this.#ids.get(upload.id) ?? upload) !== upload && upload.renew());
    this.#ids.set(upload.id, upload);
    return upload.state === "waiting";
  }

  /**
   * @param {import("./upload.js").Upload} upload
   * @param {any} answer
   * @param {() => number} sinceAsked
   */
  #hear(upload, answer, sinceAsked) {
    const isGranted = answer.url || answer.part_unit;
    if (upload.state !== "waiting") {
      if (isGranted && upload.state === "cancelled") this.#onUnwanted(upload);
    } else if (answer.error) {
      upload.isRefused = true;
      refuse(upload, answer.error);
    } else if (isGranted) {
      upload.grant = new Grant(answer, sinceAsked);
      upload.isGranted = true;
      upload.rename(answer);
      this.#ready.add(upload);
    } else if (answer.retry === "new" && upload.renew()) {
      // It ended in an earlier attempt. A new grant takes its place.
      upload.retryOf = answer.id;
      this.#wanted.add(upload);
    } else {
      upload.settle(answer);
    }
  }
}

/** @param {import("./upload.js").Upload} upload */
function asked({ id, file, path, retryOf }) {
  const more = { ...(path && { path }), ...(retryOf && { retry_of: retryOf }) };
  return { id, name: file.name, size: file.size, type: file.type, ...more };
}

/**
 * @param {import("./upload.js").Upload} upload
 * @param {{code: string, message: string}} error
 */
function refuse(upload, { code, message }) {
  if (upload.state === "waiting") upload.fail({ code, message }, FINAL.has(code) ? null : "same");
}
