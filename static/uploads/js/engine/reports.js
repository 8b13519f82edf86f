/** What the browser tells the server of each file, and the server's word on it. */

import { Batch } from "../lib/batch.js";

/** The server is asked less and less often, and not while nobody looks. */
const FIRST_MS = 1000;
const LONGEST_MS = 10_000;
const SENT_AFTER_MS = 15_000;
const MOST = 100;

/** @typedef {import("./upload.js").Upload} Upload */

export class Reports {
  #api;
  #onAnswer;
  #lanes;
  #results = this.#batch("results");
  #completions = this.#batch("complete");
  #cancellations = this.#batch("cancel");
  /** Of so many something is to be told as soon as it is known. */
  held = 0;
  /** Those that wait for a word, in the order in which they are asked about. @type {Set<Upload>} */
  #open = new Set();
  #asked = 0;
  #isAsking = false;
  #isHidden = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {import("./grants-api.js").GrantsApi} api
   * @param {{isIdle: boolean}} lanes while they are not, there will soon be more to tell
   * @param {(upload: Upload, answer: any) => void} onAnswer a status or a refusal
   */
  constructor(api, lanes, onAnswer) {
    this.#api = api;
    this.#onAnswer = onAnswer;
    this.#lanes = lanes;
  }

  /** @returns {boolean} whether the server waits for something that only this page can say */
  get areUnsaid() {
    return this.held > 0 || this.#completions.unconfirmed.length > 0;
  }

  /**
   * It was sent, or could not be. What that means is for the server to say.
   * @param {Upload} upload
   * @param {Partial<import("./transport.js").PutAnswer> & {crc64?: string | null}} answer none but a checksum where all
   *   its parts have arrived
   */
  ended(upload, answer) {
    const reports = "status" in answer ? this.#results : this.#completions;
    reports.add({ upload, item: { id: upload.id, ...answer } });
  }

  /**
   * The visitor does not want it any more.
   * @param {Upload} upload
   */
  cancelled(upload) {
    this.#cancellations.add({ upload, item: upload.id });
  }

  /**
   * Nothing more is to be sent of it. What takes long is shown as sent, if the storage has taken it; otherwise that
   * would be a guess.
   * @param {Upload} upload
   */
  expect(upload) {
    const { id } = upload;
    setTimeout(() => {
      if (upload.id === id && upload.state === "checking" && upload.wasTaken) upload.move("sent");
    }, SENT_AFTER_MS);
  }

  /**
   * Take the server's word; where it is not the last one, ask again later.
   * @param {Upload} upload
   * @param {any} answer
   */
  hear(upload, answer) {
    this.#onAnswer(upload, answer);
    const isKnown = this.#open.delete(upload);
    if (!upload.isOpen) return;
    this.#open.add(upload);
    if (isKnown || (this.#timer && this.#asked === 0)) return;
    this.#asked = 0;
    this.#schedule();
  }

  /** @param {boolean} isHidden whether the page is; back in view, it asks at once */
  setHidden(isHidden) {
    this.#isHidden = isHidden;
    this.#schedule(0);
  }

  /** The page is being left: say once more what the server has not confirmed. */
  leave() {
    // Browsers carry 64 KB past the end of a page: evidence would push out the results.
    const results = this.#results.unconfirmed.map(({ item }) => ({ ...item, evidence: undefined }));
    if (results.length > 0) this.#api.leave(results.slice(-MOST));
  }

  #schedule(delayMs = Math.min(FIRST_MS * 2 ** this.#asked, LONGEST_MS)) {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isHidden || this.#isAsking || this.#open.size === 0) return;
    this.#timer = setTimeout(() => this.#askAgain(), delayMs);
  }

  async #askAgain() {
    this.#isAsking = true;
    this.#asked += 1;
    await this.#ask("status", [...this.#open].slice(0, MOST).map((upload) => ({ upload, item: upload.id })));
    this.#isAsking = false;
    this.#schedule();
  }

  /** @param {"results" | "complete" | "cancel"} name */
  #batch(name) {
    return new Batch((/** @type {any[]} */ reports) => this.#ask(name, reports), () => this.#lanes.isIdle);
  }

  /**
   * @param {"results" | "complete" | "cancel" | "status"} name
   * @param {{upload: Upload, item: any}[]} reports
   */
  async #ask(name, reports) {
    const items = reports.map(({ item }) => item);
    const answers = await this.#api.ask(name, items).catch((error) => items.map(() => ({ error })));
    reports.forEach(({ upload }, at) => this.hear(upload, answers[at]));
  }
}
