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
  #supply;
  /** @type {Set<Multipart>} */
  #multiparts = new Set();
  #wasPart = false;

  /**
   * @param {import("./grants-api.js").GrantsApi} api
   * @param {{patience: import("./retry.js").Patience, checksums: import("./checksum.js").Checksums,
   *   onSent: (upload: Upload, bytes: number) => void}} context
   */
  constructor(api, { patience, checksums, onSent }) {
    this.#api = api;
    const go = { on: this.add.bind(this), stop: this.stop.bind(this), sent: onSent };
    this.outcomes = new Outcomes(api, { patience, checksums, go });
    this.#supply = new GrantSupply(api, {
      onAnswers: () => this.pump(),
      onUnwanted: (upload) => this.outcomes.reports.cancelled(upload),
    });
  }

  /** @param {Upload} upload that waits to be sent, or to go on */
  add(upload) {
    if (upload.parts) this.#multiparts.add(upload.parts);
    else this.#supply.add(upload);
    this.pump();
  }

  /** @param {Upload} upload of which nothing is to be sent any more */
  stop(upload) {
    this.lanes.stop(upload);
    this.#supply.delete(upload);
    upload.buffer = null;
    upload.parts?.stop();
    if (upload.parts) this.#multiparts.delete(upload.parts);
  }

  /** Use the room that there is. */
  pump() {
    while (this.lanes.hasRoom && this.#startNext());
    this.#supply.refill();
  }

  /** Where both wait, half of the lanes are for parts of large files and half for whole files. */
  #startNext() {
    const lead = this.lanes.count(true) - this.lanes.count(false);
    const arePartsNext = lead < 0 || (lead === 0 && !this.#wasPart);
    if (arePartsNext) return this.#startPart() || this.#startFile();
    return this.#startFile() || this.#startPart();
  }

  #startPart() {
    for (const parts of this.#multiparts) {
      const { upload } = parts;
      const next = upload.parts === parts && upload.canPause ? parts.take() : null;
      if (next) {
        this.#sendPart(parts, next);
        return true;
      }
      if (upload.parts !== parts || !upload.canPause) this.#multiparts.delete(parts);
    }
    return false;
  }

  #startFile() {
    const upload = this.#supply.take((upload) => !this.#goesByParts(upload) || !this.#hasParts);
    if (!upload) return false;
    this.outcomes.watch(upload);
    if (!this.#goesByParts(upload)) {
      this.#sendWhole(upload);
      return true;
    }
    const onAnswer = (/** @type {any} */ answer) => this.outcomes.partsAnswered(upload, answer);
    upload.parts = new Multipart(upload, { api: this.#api, lanes: this.lanes, onAnswer });
    this.#multiparts.add(upload.parts);
    return this.#startPart();
  }

  /** One file after the other: the next one begins when the last part of this one is on its way. */
  get #hasParts() {
    return [...this.#multiparts].some(({ hasMore, isAtRest }) => hasMore && !isAtRest);
  }

  /** @param {Upload} upload */
  #goesByParts({ file, grant, isCautious }) {
    const hasUrl = grant?.url !== "";
    return goesByParts({ size: file.size, unit: grant?.partUnit, hasUrl, rate: this.lanes.rate.value, isCautious });
  }

  /** @param {Upload} upload */
  async #sendWhole(upload) {
    const { file, buffer } = upload;
    const grant = /** @type {import("./grant.js").Grant} */ (upload.grant);
    this.#wasPart = false;
    upload.begin();
    const outcome = await this.lanes.send({ upload, grant, body: buffer ?? file });
    if (outcome) {
      upload.buffer = null;
      this.outcomes.ended(upload, outcome);
    }
    this.pump();
  }

  /**
   * @param {Multipart} parts
   * @param {{part: import("./part-plan.js").Part, grant: import("./grant.js").Grant}} next
   */
  async #sendPart(parts, { part, grant }) {
    const { upload } = parts;
    this.#wasPart = true;
    if (upload.state === "waiting") upload.begin();
    const body = upload.file.slice(part.offset, part.offset + part.size);
    const outcome = await this.lanes.send({ upload, grant, body, isPart: true });
    if (outcome) this.outcomes.partEnded(upload, part, outcome);
    this.pump();
  }
}
