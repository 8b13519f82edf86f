/** What is true of all files together: gauge, end, notice, tab title, and what is read aloud. */

import { find, partsOf, setSymbol, setText } from "../lib/dom.js";
import { oncePerFrame } from "../lib/frame.js";
import { Announcer } from "./announcer.js";
import { speedOf } from "./speed.js";

const COUNTED = ["waiting", "paused", "sending", "checking", "sent", "stored", "failed", "mismatch"];

export class PageStatus {
  #element;
  #queue;
  #list;
  #words;
  #parts;
  #title = document.title;
  #announcer;
  /** Ask for an update in the next frame. */
  update = oncePerFrame(() => this.#show());

  /**
   * @param {HTMLElement} element
   * @param {any} queue
   * @param {import("./file-list.js").FileList} list
   * @param {import("./file-row.js").Words} words
   */
  constructor(element, queue, list, words) {
    this.#element = element;
    this.#queue = queue;
    this.#list = list;
    this.#words = words;
    this.#parts = partsOf(element);
    this.#announcer = new Announcer(find("[data-part=live]"), words);
    this.#parts.show.addEventListener("click", () => list.showFirstProblem());
  }

  #show() {
    const focused = document.activeElement;
    const sums = this.#sums();
    this.#element.dataset.uploadState = sums.state;
    this.#showGauge(sums);
    this.#showEnd(sums);
    this.#showProblems(sums);
    this.#showTitle(sums);
    this.#announcer.update(sums);
    if (this.#element.contains(focused) && focused?.getClientRects().length === 0) this.#list.focus();
  }

  /** Numbers, and the same as text. */
  #sums() {
    const { tally, progress, isPaused } = this.#queue;
    const { count, size } = this.#words.formats;
    const counts = {
      stored: tally.files("stored"), total: tally.files(...COUNTED), problems: tally.files("failed", "mismatch"),
      checking: tally.files("checking", "sent"), unsent: tally.files("waiting", "paused", "sending"),
    };
    // Files without bytes are a part of the whole as well.
    const share = progress.totalBytes ? progress.sentBytes / progress.totalBytes : counts.stored / (counts.total || 1);
    const texts = Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, count(value)]));
    const sizes = { done: size(progress.sentBytes), all: size(progress.totalBytes), kept: size(tally.bytes("stored")) };
    const percent = Math.floor(100 * share);
    return { state: tally.state, counts, progress, isPaused, share, percent, texts: { ...texts, ...sizes, percent } };
  }

  /** @param {any} sums */
  #showGauge({ counts, progress, isPaused, share, percent, texts }) {
    const { figure, bytes, now, bar, pause, "pause-word": word, keep } = this.#parts;
    const { messages } = this.#words;
    setText(figure, percent);
    setText(bytes, messages.text("gauge.bytes", texts));
    const pace = isPaused ? messages.text("state.paused") : speedOf(progress, this.#words);
    const parts = [pace, messages.text("gauge.stored", texts)];
    if (counts.checking) parts.push(messages.text("gauge.checking", texts));
    setText(now, parts.filter(Boolean).join(" · "));
    bar.value = share;
    bar.setAttribute("aria-valuetext", messages.text("live.sent", texts));
    setSymbol(pause.firstElementChild, isPaused ? "i-play" : "i-pause");
    setText(word, messages.text(isPaused ? "action.resume-all" : "action.pause-all"));
    pause.hidden = this.#parts["cancel-all"].hidden = keep.hidden = counts.unsent === 0;
  }

  /** @param {any} sums */
  #showEnd({ counts, texts }) {
    const { end, "end-size": size, "end-time": time } = this.#parts;
    const text = this.#words.messages.plural("end.done", counts.total, texts);
    if (end.textContent === text) return;
    setText(end, text);
    setText(size, texts.kept);
    setText(time, this.#words.formats.day(new Date()));
  }

  /** @param {any} sums */
  #showProblems({ state, counts, texts }) {
    const { problems, "problems-text": text, "retry-all": retry } = this.#parts;
    problems.hidden = counts.problems === 0;
    const name = state === "attention" ? "problems.end" : "problems.working";
    setText(text, this.#words.messages.plural(name, counts.problems, texts));
    retry.hidden = counts.problems < 2 || this.#retries < 2;
  }

  get #retries() {
    return [...this.#queue.uploads].filter(({ canRetry, state }) => canRetry && state !== "cancelled").length;
  }

  /** @param {any} sums */
  #showTitle({ state, counts, texts }) {
    const done = counts.unsent ? `${texts.percent}%` : `${texts.stored}/${texts.total}`;
    document.title = state === "working" || state === "attention" ? `${done} · ${this.#title}` : this.#title;
  }
}
