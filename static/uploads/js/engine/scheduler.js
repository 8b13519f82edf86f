/** Which file or part is sent next: all share the same few connections, and neither large nor small files starve. */

import { GrantSupply } from "./grant-supply.js";
import { Lanes } from "./lanes.js";
import { Multipart } from "./multipart.js";
import { Outcomes } from "./outcomes.js";
import { goesByParts } from "./part-plan.js";

/** @typedef {import("./upload.js").Upload} Upload */

export class Scheduler {
  lanes = new Lanes(() => this.pump());
  #api;
  #outcomes;
  #supply;
  /** Those that are sent in parts. @type {Set<Upload>} */
  #inParts = new Set();

  /**
   * @param {import("./grants-api.js").GrantsApi} api
   * @param {{patience: import("./retry.js").Patience, checksums: import("./checksum.js").Checksums}} context
   */
  constructor(api, context) {
    this.#api = api;
    this.#outcomes = new Outcomes(api, { ...context, scheduler: this });
    this.reports = this.#outcomes.reports;
    this.#supply = new GrantSupply(api, this.#outcomes, () => this.pump());
  }

  /** @param {Upload} upload that waits to be sent, or to go on */
  add(upload) {
    if (upload.parts) this.#inParts.add(upload);
    else this.#supply.add(upload);
    this.pump();
  }

  /**
   * Nothing of it is to be sent any more: it makes room for others.
   * @param {Upload} upload
   */
  stop(upload) {
    this.lanes.stop(upload);
    this.#supply.delete(upload);
    this.#inParts.delete(upload);
    upload.buffer = null;
    upload.parts?.stop();
    this.pump();
  }

  /** Use the room that there is. */
  pump() {
    while (this.lanes.hasRoom && this.#startNext());
    this.#supply.refill();
  }

  /** Where both wait, half of the lanes are for parts of large files and half for whole files. */
  #startNext() {
    const arePartsNext = this.lanes.count(true) <= this.lanes.count(false);
    return arePartsNext ? this.#startPart() || this.#startFile() : this.#startFile() || this.#startPart();
  }

  /** @returns {boolean} */
  #startPart() {
    for (const upload of this.#inParts) {
      const part = upload.parts?.take();
      if (part) return this.#send(upload, part);
    }
    return false;
  }

  #startFile() {
    const rate = this.lanes.rate.value;
    const upload = this.#supply.take((upload) => !goesByParts(upload, rate) || !this.#hasParts);
    if (!upload) return false;
    this.#outcomes.watch(upload);
    if (!goesByParts(upload, rate)) return this.#send(upload, null);
    upload.parts = new Multipart(upload, { api: this.#api, lanes: this.lanes, outcomes: this.#outcomes });
    this.#inParts.add(upload);
    // Its parts have to be signed; others need not wait for that.
    this.#startPart();
    return true;
  }

  /** One file after the other: the next one begins when the last part of this one is on its way. */
  get #hasParts() {
    return [...this.#inParts].some(({ parts }) => parts?.hasMore && !parts.isAtRest);
  }

  /**
   * @param {Upload} upload
   * @param {import("./part-plan.js").Part | null} part of it; null for all of it in one request
   */
  #send(upload, part) {
    const { file, buffer } = upload;
    const grant = /** @type {import("./grant.js").Grant} */ ((part ?? upload).grant);
    const body = part ? file.slice(part.offset, part.offset + part.size) : (buffer ?? file);
    upload.url = grant.url;
    if (upload.state === "waiting") upload.begin();
    this.lanes.send({ upload, grant, body, isPart: part !== null }).then((outcome) => {
      if (outcome) {
        upload.buffer = null;
        this.#outcomes.ended(upload, part, outcome);
      }
      this.pump();
    });
    return true;
  }
}
