/** One file in parts: which are signed and may be sent, which are on their way, and what is missing. */

import { Grant, startStopwatch } from "./grant.js";
import { missingFrom, PartPlan } from "./part-plan.js";

/** More are signed when so few are left, up to so many: sizes follow the line. */
const LOW = 4;
const AHEAD = 6;

/** @typedef {import("./part-plan.js").Part} Part */

export class Multipart {
  #context;
  #plan;
  #isAsking = false;
  #mustList = true;
  /** Cut off to be sent next: those without a grant are being signed. @type {Part[]} */
  #next = [];
  /** @type {Set<Part>} */
  #sending = new Set();
  isAtRest = false;

  /**
   * @param {import("./upload.js").Upload} upload with a grant that knows its unit
   * @param {{api: import("./grants-api.js").GrantsApi, lanes: import("./lanes.js").Lanes,
   *   outcomes: import("./outcomes.js").Outcomes}} context
   */
  constructor(upload, context) {
    this.upload = upload;
    this.#context = context;
    this.#plan = new PartPlan(upload.file.size, upload.grant?.partUnit ?? 0, context.lanes);
  }

  /** Whether there is something that nobody sends yet. */
  get hasMore() {
    return this.#unsent([]) > 0;
  }

  /** Whether all of it has arrived, as far as answers tell. */
  get isSent() {
    return this.#unsent() === 0;
  }

  /** @returns {Part | undefined} the next part that may be sent now, with its grant */
  take() {
    if (this.isAtRest) return undefined;
    // What lapsed, or was cut for another line, is planned anew.
    this.#drop(({ grant, size }) => grant && (!grant.isFresh || this.#plan.isTooLarge(size)));
    const ready = this.#next.filter(({ grant }) => grant);
    const [part] = ready;
    if (part) {
      this.#next = this.#next.filter((other) => other !== part);
      this.#sending.add(part);
    }
    // The first parts find out what the line gets through; the next ones are cut to that.
    const isTrying = !this.#context.lanes.rate.value && this.#sending.size > 0 && !this.#mustList;
    if (ready.length <= LOW && !isTrying) this.#ask();
    return part;
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
    for (const [offset, size] of ranges) this.#plan.giveBack({ offset, size });
    this.#mustList = true;
    this.#advance();
  }

  /** Nothing of it is on its way any more. */
  stop() {
    for (const part of this.#sending) this.#plan.giveBack(part);
    this.#sending.clear();
    this.#mustList = true;
  }

  /** @param {Iterable<Part>} sending that count as well */
  #unsent(sending = this.#sending) {
    return [...sending, ...this.#next].reduce((sum, { size }) => sum + size, this.#plan.left);
  }

  #advance() {
    this.upload.sentBytes = this.upload.file.size - this.#unsent();
  }

  /** @param {(part: Part) => any} isUnfit */
  #drop(isUnfit) {
    const unfit = this.#next.filter(isUnfit);
    this.#next = this.#next.filter((part) => !unfit.includes(part));
    for (const part of unfit) this.#plan.giveBack(part);
  }

  async #ask() {
    if (this.#isAsking || (this.#plan.left === 0 && !this.#mustList)) return;
    this.#isAsking = true;
    const asked = [];
    while (this.#next.length < AHEAD && this.#plan.left > 0) {
      const part = this.#plan.take();
      asked.push(part);
      this.#next.push(part);
    }
    const parts = asked.map(({ offset, size }) => ({ offset, size }));
    const list = this.#mustList && { list: true };
    const [sinceAsked, sending] = [startStopwatch(), [...this.#sending]];
    this.#mustList = false;
    const { api, outcomes } = this.#context;
    const [answer] = await api.ask("parts", [{ id: this.upload.id, parts, ...list }]).catch((error) => [{ error }]);
    this.#isAsking = false;
    // The file has begun again meanwhile.
    if (this.upload.parts !== this) return;
    asked.forEach((part, at) => (part.grant = answer.parts && new Grant(answer.parts[at], sinceAsked)));
    this.#drop(({ grant }) => !grant);
    if (list) this.#reconcile(answer.stored, sending);
    outcomes.partsAnswered(this.upload, answer);
  }

  /**
   * @param {import("./part-plan.js").Ranges | undefined} stored
   * @param {Part[]} sending when the storage was asked
   */
  #reconcile(stored, sending) {
    this.#mustList ||= !stored;
    if (!stored) return;
    this.#next = this.#next.filter((part) => missingFrom(part, stored).length > 0);
    this.#plan.reconcile(stored, [...sending, ...this.#sending, ...this.#next]);
    this.#advance();
    if (!this.upload.startedAt) this.upload.wasContinued = stored.length > 0;
  }
}
