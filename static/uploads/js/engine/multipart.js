/** One file in parts: which are signed and may be sent, which are on their way, and what is missing. */

import { Grant, startStopwatch } from "./grant.js";
import { missingFrom, PartPlan, partSize } from "./part-plan.js";

/** More are signed when so few are left, up to so many: sizes follow the line, so none is signed long ahead. */
const LOW = 4;
const AHEAD = 6;
/** What was signed while the line was so much faster is cut anew. */
const TOO_LARGE = 2.5;

/** @typedef {import("./part-plan.js").Part} Part */

export class Multipart {
  #api;
  #lanes;
  #onAnswer;
  #plan;
  #unit;
  #count = 0;
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
   *   onAnswer: (answer: any) => void}} context
   *   `onAnswer`: parts were signed (null), or the server said something else
   */
  constructor(upload, { api, lanes, onAnswer }) {
    this.upload = upload;
    this.#api = api;
    this.#lanes = lanes;
    this.#onAnswer = onAnswer;
    this.#unit = upload.grant?.partUnit ?? 0;
    this.#plan = new PartPlan(upload.file.size, this.#unit);
  }

  /** @returns {boolean} whether there is something that nobody sends yet */
  get hasMore() {
    return this.#unsent > 0;
  }

  /** @returns {boolean} whether all of it has arrived, as far as answers tell */
  get isSent() {
    return !this.hasMore && this.#sending.size === 0;
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

  get #unsent() {
    const signed = [...this.#planned, ...this.#ready.keys()];
    return this.#plan.left + bytesOf(signed);
  }

  #advance() {
    const { upload } = this;
    upload.advance(upload.file.size - this.#unsent - bytesOf(this.#sending));
  }

  /** What lapsed, or was cut for another line, is planned anew. */
  #dropUnfit() {
    const most = this.#lanes.rate.value ? TOO_LARGE * Math.max(this.#partSize(), this.#unit) : Infinity;
    for (const [part, grant] of this.#ready) {
      if (grant.isFresh && part.size <= most) continue;
      this.#ready.delete(part);
      this.#plan.giveBack(part);
    }
  }

  #partSize() {
    const { rate, limit } = this.#lanes;
    return partSize({ rate: rate.value, left: this.#plan.left, lanes: limit, count: this.#count });
  }

  async #ask() {
    if (this.#isAsking || this.#plan.left === 0) return;
    this.#isAsking = true;
    for (let count = this.#ready.size; count < AHEAD && this.#plan.left > 0; count += 1) {
      this.#planned.push(/** @type {Part} */ (this.#plan.take(this.#partSize())));
      this.#count += 1;
    }
    const parts = this.#planned.map(({ offset, size }) => ({ offset, size }));
    const list = this.#mustList && { list: true };
    const [sinceAsked, sending] = [startStopwatch(), [...this.#sending]];
    this.#mustList = false;
    const [answer] = await this.#api.parts([{ id: this.upload.id, parts, ...list }]).catch((error) => [{ error }]);
    this.#isAsking = false;
    this.#hear(answer, (at) => new Grant(answer.parts[at], sinceAsked));
    if (list) this.#reconcile(answer.stored, sending);
    this.#onAnswer(answer.parts ? null : answer);
  }

  /**
   * @param {any} answer
   * @param {(at: number) => Grant} grantAt
   */
  #hear({ parts, stored = [] }, grantAt) {
    this.#planned.forEach((part, at) => {
      if (!parts) this.#plan.giveBack(part);
      else if (missingFrom(part, stored).length > 0) this.#ready.set(part, grantAt(at));
    });
    this.#planned = [];
  }

  /**
   * @param {import("./part-plan.js").Ranges | undefined} stored
   * @param {Part[]} sending when the storage was asked
   */
  #reconcile(stored, sending) {
    if (!stored) {
      this.#mustList = true;
      return;
    }
    this.#plan.reconcile(stored, [...sending, ...this.#sending, ...this.#ready.keys()]);
    this.#advance();
    if (!this.upload.startedAt) this.upload.wasContinued = stored.length > 0;
  }
}

/** @param {Iterable<Part>} parts */
function bytesOf(parts) {
  let bytes = 0;
  for (const { size } of parts) bytes += size;
  return bytes;
}
