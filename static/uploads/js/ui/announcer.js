/** What a screen reader says: milestones, never each per cent. */

export class Announcer {
  #element;
  #words;
  #state = "idle";
  #said = "";
  #quarter = 0;
  #problems = 0;

  /**
   * @param {HTMLElement} element a polite live region
   * @param {import("./file-row.js").Words} words
   */
  constructor(element, words) {
    this.#element = element;
    this.#words = words;
  }

  /**
   * @param {string} state of the queue
   * @param {any} sums
   */
  update(state, { counts, texts }) {
    const { messages } = this.#words;
    const quarter = Math.floor((4 * counts.stored) / Math.max(counts.total, 1));
    if (state === "done") this.say(messages.plural("end.done", counts.total, texts));
    else if (state === "attention") this.say(messages.plural("problems.end", counts.problems, texts));
    else if (state === "idle") this.say(messages.text("live.idle"));
    else if (counts.problems > this.#problems) this.say(messages.plural("problems.working", counts.problems, texts));
    else if (quarter > this.#quarter) this.say(messages.text("live.stored", texts));
    // It began again: the same end will be news once more.
    else if (state !== this.#state) this.say("");
    this.#state = state;
    this.#quarter = quarter;
    this.#problems = counts.problems;
  }

  /** @param {string} text */
  say(text) {
    if (text === this.#said) return;
    this.#said = text;
    this.#element.textContent = text;
  }
}
