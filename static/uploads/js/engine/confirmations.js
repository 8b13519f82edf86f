/** Waits for the server's word on files that were sent: asks less and less often, and not while nobody looks. */

const DELAYS_MS = [1000, 2000, 4000, 8000, 10_000];
const SENT_AFTER_MS = 15_000;
const BATCH = 100;

export class Confirmations {
  #api;
  #onAnswer;
  /** @type {Map<import("./upload.js").Upload, {at: number, asked: number}>} */
  #due = new Map();
  #isAsking = false;
  #isHidden = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {import("./grants-api.js").GrantsApi} api
   * @param {(upload: import("./upload.js").Upload, answer: any) => void} onAnswer a status or a refusal
   */
  constructor(api, onAnswer) {
    this.#api = api;
    this.#onAnswer = onAnswer;
  }

  /**
   * Its PUT has ended. What takes long is shown as sent, if the storage has taken it; otherwise that would be a guess.
   * @param {import("./upload.js").Upload} upload
   */
  expect(upload) {
    const { id } = upload;
    setTimeout(() => {
      if (upload.id === id && upload.state === "checking" && upload.wasTaken) upload.move("sent");
    }, SENT_AFTER_MS);
  }

  /**
   * Take the server's word; where it is not the last one, ask again later.
   * @param {import("./upload.js").Upload} upload
   * @param {any} answer nothing where a whole call was refused
   */
  hear(upload, answer) {
    if (answer) this.#onAnswer(upload, answer);
    if (!isOpen(upload) || this.#due.has(upload)) return;
    this.#due.set(upload, { at: performance.now() + DELAYS_MS[0], asked: 0 });
    this.#schedule();
  }

  /** @param {boolean} isHidden whether the page is; back in view, everything is asked about at once */
  setHidden(isHidden) {
    this.#isHidden = isHidden;
    if (!isHidden) for (const turn of this.#due.values()) turn.at = performance.now();
    this.#schedule();
  }

  #schedule() {
    clearTimeout(this.#timer);
    if (this.#isHidden || this.#isAsking || this.#due.size === 0) return;
    let next = Infinity;
    for (const { at } of this.#due.values()) next = Math.min(next, at);
    this.#timer = setTimeout(() => this.#ask(), Math.max(0, next - performance.now()));
  }

  async #ask() {
    this.#isAsking = true;
    const uploads = this.#turn();
    const statuses = await this.#api.status(uploads.map(({ id }) => id)).catch(() => []);
    uploads.forEach((upload, index) => this.hear(upload, statuses[index]));
    for (const upload of uploads) this.#askAgain(upload);
    this.#isAsking = false;
    this.#schedule();
  }

  /** @returns {import("./upload.js").Upload[]} those whose turn it is; what is due soon goes with them */
  #turn() {
    const until = performance.now() + DELAYS_MS[0] / 2;
    const uploads = [];
    for (const [upload, { at }] of this.#due) {
      if (uploads.length < BATCH && at <= until) uploads.push(upload);
    }
    return uploads;
  }

  /** @param {import("./upload.js").Upload} upload */
  #askAgain(upload) {
    const asked = (this.#due.get(upload)?.asked ?? 0) + 1;
    const delay = DELAYS_MS[Math.min(asked, DELAYS_MS.length - 1)];
    if (isOpen(upload)) this.#due.set(upload, { at: performance.now() + delay, asked });
    else this.#due.delete(upload);
  }
}

/**
 * @param {import("./upload.js").Upload} upload
 * @returns {boolean} whether its last word is the server's to say
 */
export function isOpen({ state }) {
  return state === "checking" || state === "sent";
}
