/** One file in parts: which are signed and may be sent, which are on their way, and what is missing. */

import { Grant, startStopwatch } from "./grant.js";
import { missingFrom, PartPlan } from "./part-plan.js";

/** More are signed when so few are left, up to so many: sizes follow the line. */
const LOW = 4;
const AHEAD = 6;

/** @typedef {import("./part-plan.js").Part} Part */

export class Multipart {
  #api;
  #lanes;
  #onAnswer;
  #plan;
  #isAsking = false;
  #mustList = true;
  /** Being signed. @type {Part[]} */
  #planned = [];
  /** @type {Map<Part, Grant>} */
  #ready = new Map();
  /** @type {Set<Part>} */
  #sending = new Set();
  isAtRest = false;

  /**
   * @param {import("./upload.js").Upload} upload with a grant that knows its unit
   * @param {{api: import("./grants-api.js").GrantsApi, lanes: import("./lanes.js").Lanes,
   *   onAnswer: (answer: any) => void}} context `onAnswer`: null when parts were signed, else what was said instead
   */
  constructor(upload, { api, lanes, onAnswer }) {
    this.upload = upload;
    this.#api = api;
    this.#lanes = lanes;
    this.#onAnswer = onAnswer;
    this.#plan = new PartPlan(upload.file.size, upload.grant?.partUnit ?? 0, lanes);
  }

  /** Whether there is something that nobody sends yet. */
  get hasMore() {
    return this.#unsent() > 0;
  }

  /** Whether all of it has arrived, as far as answers tell. */
  get isSent() {
    return this.#unsent(this.#sending) === 0;
  }

  /** @returns {{part: Part, grant: Grant} | null} the next part that may be sent now */
  take() {
    if (this.isAtRest) return null;
    this.#dropUnfit();
    const [next] = this.#ready;
    if (next) {
      this.#ready.delete(next[0]);
      this.#sending.add(next[0]);
    }
    // The first parts find out what the line gets through; the next ones are cut to that.
    const isTrying = !this.#lanes.rate.value && this.#sending.size > 0 && !this.#mustList;
    if (this.#ready.size < LOW && !isTrying) this.#ask();
    return next ? { part: next[0], grant: next[1] } : null;
  }

  /** @param {Part} part that has arrived */
  arrived(part) {
    this.#sending.delete(part);
    this.#advance();
  }

  /**
   * Nobody knows whether it arrived: the storage is asked before it is sent again.
   * @param {Part} part
   */
  failed(part) {
    this.#sending.delete(part);
    this.#plan.fail(part);
    this.#mustList = true;
  }

  /** @param {import("./part-plan.js").Ranges} ranges that the storage lacks after all */
  restore(ranges) {
    this.#plan.restore(ranges);
    this.#mustList = true;
    this.#advance();
  }

  /** Nothing of it is on its way any more. */
  stop() {
    for (const part of this.#sending) this.#plan.giveBack(part);
    this.#sending.clear();
    this.#mustList = true;
  }

  /** @param {Iterable<Part>} [more] that count as well */
  #unsent(more = []) {
    return [...more, ...this.#planned, ...this.#ready.keys()].reduce((sum, { size }) => sum + size, this.#plan.left);
  }

  #advance() {
    const { upload } = this;
    upload.advance(upload.file.size - this.#unsent(this.#sending));
  }

  /** What lapsed, or was cut for another line, is planned anew. */
  #dropUnfit() {
    for (const [part, grant] of this.#ready) {
      if (grant.isFresh && !this.#plan.isTooLarge(part)) continue;
      this.#ready.delete(part);
      this.#plan.giveBack(part);
    }
  }

  async #ask() {
    if (this.#isAsking || this.#plan.left === 0) return;
    this.#isAsking = true;
    while (this.#ready.size + this.#planned.length < AHEAD) {
      const part = this.#plan.take();
      if (!part) break;
      this.#planned.push(part);
    }
    const parts = this.#planned.map(({ offset, size }) => ({ offset, size }));
    const list = this.#mustList && { list: true };
    const [sinceAsked, sending] = [startStopwatch(), [...this.#sending]];
    this.#mustList = false;
    const [answer] = await this.#api.parts([{ id: this.upload.id, parts, ...list }]).catch((error) => [{ error }]);
    this.#isAsking = false;
    this.#planned.forEach((part, at) => {
      const isMissing = missingFrom(part, answer.stored ?? []).length > 0;
      if (!answer.parts) this.#plan.giveBack(part);
      else if (isMissing) this.#ready.set(part, new Grant(answer.parts[at], sinceAsked));
    });
    this.#planned = [];
    if (list) this.#reconcile(answer.stored, sending);
    this.#onAnswer(answer.parts ? null : answer);
  }

  /**
   * @param {import("./part-plan.js").Ranges | undefined} stored
   * @param {Part[]} sending when the storage was asked
   */
  #reconcile(stored, sending) {
    this.#mustList ||= !stored;
    if (!stored) return;
    this.#plan.reconcile(stored, [...sending, ...this.#sending, ...this.#ready.keys()]);
    this.#advance();
    if (!this.upload.startedAt) this.upload.wasContinued = stored.length > 0;
  }
}
