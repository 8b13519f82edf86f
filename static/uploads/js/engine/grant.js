/** A signed permission to send one file or one part, with the time that it still has. */

const MARGIN_MS = 60_000;
const MARGIN_SHARE = 0.2;
/** A URL that has just come is used whatever its validity: asking for another would bring the same. */
const JUST_CAME_MS = 1000;

export class Grant {
  #validMs;
  #sinceAsked;
  #sinceReceived = startStopwatch();

  /**
   * @param {{method: string, url?: string, headers: Record<string, string>, expires_in?: number, part_unit?: number}}
   *   answer
   * @param {() => number} sinceAsked stopwatch started before the question, hence before the signing
   */
  constructor(answer, sinceAsked) {
    this.method = answer.method;
    this.url = answer.url ?? "";
    this.headers = answer.headers;
    /** In bytes; none where the server knows no parts. */
    this.partUnit = answer.part_unit;
    // What goes by parts only has no URL of its own.
    this.#validMs = (answer.expires_in ?? Infinity) * 1000;
    this.#sinceAsked = sinceAsked;
  }

  /** @returns {boolean} whether a request may be begun with it */
  get isFresh() {
    const leftMs = this.#validMs - this.#sinceAsked();
    return leftMs > Math.min(MARGIN_MS, this.#validMs * MARGIN_SHARE) || this.#sinceReceived() < JUST_CAME_MS;
  }
}

/**
 * Start counting.
 *
 * `performance.now()` never jumps, but stands still in some browsers while the machine sleeps; the wall clock goes on,
 * but can be set back. The larger of the two is never too small.
 * @returns {() => number} milliseconds since the start
 */
export function startStopwatch() {
  const startedAt = performance.now();
  const startedOn = Date.now();
  return () => Math.max(performance.now() - startedAt, Date.now() - startedOn);
}
