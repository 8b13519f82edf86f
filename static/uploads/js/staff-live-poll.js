/** Asks every two seconds whether anything is new, and only while somebody can see the page. */

const EVERY_MS = 2000;
const LONGEST_MS = 30000;
const PATIENCE_MS = 10000;

/** @typedef {"live" | "stale" | "ended"} Status */

export class LivePoll {
  #url;
  #etag;
  #onChange;
  #onStatus;
  #failures = 0;
  #isAsking = false;
  #hasEnded = false;
  #timer = 0;

  /** @param {{url: string, etag: string, onChange: (html: string) => void, onStatus: (status: Status) => void}} options */
  constructor({ url, etag, onChange, onStatus }) {
    this.#url = url;
    this.#etag = etag;
    this.#onChange = onChange;
    this.#onStatus = onStatus;
  }

  start() {
    document.addEventListener("visibilitychange", () => this.#ask());
    addEventListener("online", () => this.#ask());
    this.#askLater();
  }

  #askLater() {
    clearTimeout(this.#timer);
    if (this.#hasEnded || document.hidden) return;
    const wait = Math.min(EVERY_MS * 2 ** this.#failures, LONGEST_MS);
    this.#timer = setTimeout(() => this.#ask(), wait);
  }

  async #ask() {
    clearTimeout(this.#timer);
    if (this.#isAsking || this.#hasEnded || document.hidden) return;
    this.#isAsking = true;
    try {
      await this.#hear(await this.#fetch());
      this.#failures = 0;
    } catch {
      this.#failures += 1;
      this.#onStatus("stale");
    } finally {
      this.#isAsking = false;
      this.#askLater();
    }
  }

  #fetch() {
    // `manual`: an ended session is a redirect to the sign-in page, which is no list.
    return fetch(this.#url, {
      headers: { "If-None-Match": this.#etag },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  }

  /** @param {Response} response */
  async #hear(response) {
    const isOver = response.type === "opaqueredirect" || [401, 403, 404].includes(response.status);
    if (isOver) return this.#end();
    if (response.ok) {
      const html = await response.text();
      this.#etag = response.headers.get("ETag") ?? "";
      this.#onChange(html);
    } else if (response.status !== 304) {
      throw new Error(`The server answered ${response.status}`);
    }
    this.#onStatus("live");
  }

  #end() {
    this.#hasEnded = true;
    this.#onStatus("ended");
  }
}
