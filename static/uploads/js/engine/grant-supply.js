/** Keeps granted files ready to be sent: asks in batches, ahead of need, and again for URLs that lapsed. */

import { Grant, startStopwatch } from "./grant.js";
import { identify } from "./identity.js";
import { problemNamed } from "./single-put.js";

/** Few at first, so that the first bytes move soon. */
const FIRST_BATCH = 20;
const BATCH = 100;
/** The next batch is asked for while so many are left: none must wait for a round trip. */
const LOW = 50;
/** A disk that does not answer must not hold up the files on others. */
const READ_MS = 30_000;

/** @typedef {import("./upload.js").Upload} Upload */

export class GrantSupply {
  #api;
  #outcomes;
  #onAnswers;
  #batch = FIRST_BATCH;
  #isAsking = false;
  /** @type {Set<Upload>} */
  #wanted = new Set();
  /** @type {Set<Upload>} */
  #ready = new Set();
  /** Who has which id in this visit. @type {Map<string, Upload>} */
  #ids = new Map();

  /**
   * @param {import("./grants-api.js").GrantsApi} api
   * @param {import("./outcomes.js").Outcomes} outcomes for files that were cancelled meanwhile, or that had ended before
   * @param {() => void} onAnswers
   */
  constructor(api, outcomes, onAnswers) {
    this.#api = api;
    this.#outcomes = outcomes;
    this.#onAnswers = onAnswers;
  }

  /** @param {Upload} upload */
  add(upload) {
    this.#wanted.add(upload);
  }

  /** @param {Upload} upload */
  delete(upload) {
    this.#wanted.delete(upload);
    this.#ready.delete(upload);
  }

  /**
   * @param {(upload: Upload) => boolean} fits
   * @returns {Upload | null} the next file that fits and whose URL will live long enough
   */
  take(fits) {
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
      const answers = batch.length > 0 ? await this.#api.ask("grants", batch.map(asked)) : [];
      batch.forEach((upload, at) => this.#hear(upload, answers[at], sinceAsked));
    } catch (error) {
      for (const upload of batch) refuse(upload, error);
    }
    this.#isAsking = false;
    this.#onAnswers();
  }

  /** @returns {Promise<Upload[]>} those that can be read */
  async #nextBatch() {
    const batch = [...this.#wanted].slice(0, this.#batch);
    this.#batch = BATCH;
    const identified = batch.map((upload) => {
      this.#wanted.delete(upload);
      return identify(upload).catch(({ name }) => refuse(upload, { code: problemNamed(name) }));
    });
    await Promise.race([Promise.all(identified), new Promise((resolve) => setTimeout(resolve, READ_MS))]);
    return batch.filter((upload) => {
      if (!upload.id) refuse(upload, { code: "file_gone" });
      // The same file was taken off the list before, and its grant was given back.
      while ((this.#ids.get(upload.id) ?? upload) !== upload && upload.renew());
      this.#ids.set(upload.id, upload);
      return upload.state === "waiting";
    });
  }

  /**
   * @param {Upload} upload
   * @param {any} answer
   * @param {() => number} sinceAsked
   */
  #hear(upload, answer, sinceAsked) {
    const isGranted = answer.url || answer.part_unit;
    if (isGranted) upload.isGranted = true;
    if (upload.state !== "waiting") {
      if (isGranted && upload.state === "cancelled") this.#outcomes.reports.cancelled(upload);
    } else if (answer.error) {
      upload.isRefused = true;
      upload.fail(answer.error);
    } else if (isGranted) {
      upload.grant = new Grant(answer, sinceAsked);
      upload.rename(answer);
      this.#ready.add(upload);
    } else if (answer.retry === "new" && upload.renew()) {
      // It ended in an earlier attempt. A new grant takes its place.
      upload.retryOf = answer.id;
      this.#wanted.add(upload);
    } else {
      this.#outcomes.judged(upload, answer);
    }
  }
}

/** @param {Upload} upload */
function asked({ id, file, path, retryOf }) {
  const { name, size, type } = file;
  return { id, name, size, type, path: path || undefined, retry_of: retryOf };
}

/**
 * @param {Upload} upload
 * @param {import("./file-state.js").Cause} error
 */
function refuse(upload, error) {
  if (upload.state === "waiting") upload.fail(error);
}
