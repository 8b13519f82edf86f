/** What a screen reader says: milestones, never each per cent. */

export class Announcer {
  #element;
  #words;
  #before = { state: "idle", quarter: 0, problems: 0, isPaused: false };
  #said = "";

  /**
   * @param {HTMLElement} element a polite live region
   * @param {import("./file-row.js").Words} words
   */
  constructor(element, words) {
    this.#element = element;
    this.#words = words;
  }

  /** @param {any} sums of PageStatus */
  update({ state, counts, percent, isPaused, texts }) {
    const { messages } = this.#words;
    const { problems } = counts;
    const before = this.#before;
    const quarter = Math.floor(percent / 25);
    this.#before = { state, quarter, problems, isPaused };
    if (state === "done") this.#say(messages.plural("end.done", counts.total, texts));
    else if (state === "attention") this.#say(messages.plural("problems.end", problems, texts));
    else if (state === "idle") this.#say(messages.text("live.idle"));
    else if (problems > before.problems) this.#say(messages.plural("problems.working", problems, texts));
    else if (isPaused > before.isPaused) this.#say(messages.text("live.paused"));
    else if (quarter > before.quarter) this.#say(messages.text("live.sent", texts));
    // It began again: the same end will be news once more.
    else if (state !== before.state || isPaused !== before.isPaused) this.#say("");
  }

  /** @param {string} text */
  #say(text) {
    if (text === this.#said) return;
    this.#said = text;
    this.#element.textContent = text;
  }
}
