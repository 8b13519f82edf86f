/** What is true of all files together: gauge, end, notice, tab title, and what is read aloud. */

import { find, setText } from "../lib/dom.js";
import { oncePerFrame } from "../lib/frame.js";
import { Announcer } from "./announcer.js";

export class PageStatus {
  #queue;
  #tally;
  #list;
  #words;
  #title = document.title;
  #announcer;
  /** @type {Map<string, any>} */
  #parts = new Map();
  /** Ask for an update in the next frame. */
  update = oncePerFrame(() => this.#show());

  /**
   * @param {{queue: HTMLElement, tally: any, list: import("./file-list.js").FileList,
   *   words: import("./file-row.js").Words}} options
   */
  constructor({ queue, tally, list, words }) {
    this.#queue = queue;
    this.#tally = tally;
    this.#list = list;
    this.#words = words;
    this.#announcer = new Announcer(find("[data-part=live]"), words);
    this.#part("show").addEventListener("click", () => list.showFirstProblem());
  }

  #show() {
    const focused = document.activeElement;
    const sums = this.#sums();
    this.#queue.dataset.uploadState = this.#tally.state;
    this.#showGauge(sums);
    this.#showEnd(sums);
    this.#showProblems(sums);
    this.#showTitle(sums);
    this.#announcer.update(this.#tally.state, sums);
    if (this.#queue.contains(focused) && focused?.getClientRects().length === 0) this.#list.focus();
  }

  /** Numbers, and the same as text. */
  #sums() {
    const tally = this.#tally;
    const states = ["waiting", "sending", "checking", "sent", "stored", "failed", "mismatch"];
    const { count, size } = this.#words.formats;
    const counts = {
      stored: tally.files("stored"), total: tally.files(...states), problems: tally.files("failed", "mismatch"),
      sending: tally.files("sending"), checking: tally.files("checking"), sent: tally.files("sent"),
      waiting: tally.files("waiting"),
    };
    const bytes = { done: tally.bytes("stored"), all: tally.bytes(...states) };
    const texts = Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, count(value)]));
    return { counts, bytes, texts: { ...texts, done: size(bytes.done), all: size(bytes.all) } };
  }

  /** @param {any} sums */
  #showGauge({ counts, bytes, texts }) {
    const { messages } = this.#words;
    setText(this.#part("figure"), texts.stored);
    setText(this.#part("of"), messages.text("gauge.of", texts));
    setText(this.#part("bytes"), messages.text("gauge.bytes", texts));
    const parts = ["sending", "checking", "sent", "waiting"].filter((state) => counts[state] > 0);
    setText(this.#part("now"), parts.map((state) => messages.text(`gauge.${state}`, texts)).join(" · "));
    const bar = this.#part("bar");
    // Files without bytes count as well.
    bar.max = bytes.all + counts.total || 1;
    bar.value = bytes.done + counts.stored;
    bar.setAttribute("aria-valuetext", messages.text("live.stored", texts));
    const isOver = counts.sending + counts.waiting === 0;
    this.#part("cancel-all").hidden = isOver;
    this.#part("keep").hidden = isOver;
  }

  /** @param {any} sums */
  #showEnd({ counts, texts }) {
    const text = this.#words.messages.plural("end.done", counts.total, texts);
    if (this.#part("end").textContent === text) return;
    setText(this.#part("end"), text);
    setText(this.#part("end-size"), texts.done);
    setText(this.#part("end-time"), this.#words.formats.day(new Date()));
  }

  /** @param {any} sums */
  #showProblems({ counts, texts }) {
    const name = this.#tally.state === "attention" ? "problems.end" : "problems.working";
    this.#part("problems").hidden = counts.problems === 0;
    setText(this.#part("problems-text"), this.#words.messages.plural(name, counts.problems, texts));
    this.#part("retry-all").hidden = counts.problems < 2 || !this.#list.hasSeveralRetries;
  }

  /** @param {any} sums */
  #showTitle({ counts, texts }) {
    const isBusy = this.#tally.state === "working" || this.#tally.state === "attention";
    document.title = isBusy && counts.total > 0 ? `${texts.stored}/${texts.total} · ${this.#title}` : this.#title;
  }

  /** @param {string} name */
  #part(name) {
    if (!this.#parts.has(name)) this.#parts.set(name, find(`[data-part="${name}"]`, this.#queue));
    return this.#parts.get(name);
  }
}
