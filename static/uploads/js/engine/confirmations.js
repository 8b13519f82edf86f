/** Waits for the server's word on files that were sent: asks less and less often, and not while nobody looks. */

const DELAYS_MS = [1000, 2000, 4000, 8000, 10_000];
const SENT_AFTER_MS = 15_000;
const BATCH = 100;

/** @typedef {import("./upload.js").Upload} Upload */

export class Confirmations {
  #api;
  #onAnswer;
  /** Those that wait, in the order in which they are asked about. @type {Set<Upload>} */
  #open = new Set();
  #asked = 0;
  #isAsking = false;
  #isHidden = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {import("./grants-api.js").GrantsApi} api
   * @param {(upload: Upload, answer: any) => void} onAnswer a status or a refusal
   */
  constructor(api, onAnswer) {
    this.#api = api;
    this.#onAnswer = onAnswer;
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
   * @param {any} answer nothing where a whole call was refused
   */
  hear(upload, answer) {
    if (answer) this.#onAnswer(upload, answer);
    const isKnown = this.#open.delete(upload);
    if (!isOpen(upload)) return;
    this.#open.add(upload);
    if (isKnown || (this.#timer && this.#asked === 0)) return;
    this.#asked = 0;
    this.#schedule(DELAYS_MS[0]);
  }

  /** @param {boolean} isHidden whether the page is; back in view, it asks at once */
  setHidden(isHidden) {
    this.#isHidden = isHidden;
    this.#schedule(0);
  }

  /** @param {number} delayMs */
  #schedule(delayMs) {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isHidden || this.#isAsking || this.#open.size === 0) return;
    this.#timer = setTimeout(() => this.#ask(), delayMs);
  }

  async #ask() {
    this.#isAsking = true;
    this.#asked += 1;
    const uploads = [...this.#open].slice(0, BATCH);
    const statuses = await this.#api.status(uploads.map(({ id }) => id)).catch(() => []);
    uploads.forEach((upload, index) => this.hear(upload, statuses[index]));
    this.#isAsking = false;
    this.#schedule(DELAYS_MS[Math.min(this.#asked, DELAYS_MS.length - 1)]);
  }
}

/**
 * @param {Upload} upload
 * @returns {boolean} whether its last word is the server's to say
 */
export function isOpen({ state }) {
  return state === "checking" || state === "sent";
}
