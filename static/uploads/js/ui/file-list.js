/** The list of files: a bounded number of rows, which keep their place and change at most once in a frame. */

import { find, partsOf, setText } from "../lib/dom.js";
import { oncePerFrame } from "../lib/frame.js";
import { FileRow } from "./file-row.js";
import { MOST_ROWS, shownFiles } from "./shown-files.js";

/** Emits `file:ACTION` with `detail.upload`, after the `data-action` of the button that was pressed. */
export class FileList extends EventTarget {
  #element;
  #uploads;
  #words;
  #pager;
  #page = 0;
  /** @type {Map<any, FileRow>} */
  #rows = new Map();
  /** Uploads that differ from what their rows show. */
  #changed = new Set();
  /** Ask for an update in the next frame. */
  update = oncePerFrame(() => this.#show());

  /**
   * @param {HTMLElement} element
   * @param {Set<any>} uploads of the queue
   * @param {import("./file-row.js").Words} words
   */
  constructor(element, uploads, words) {
    super();
    this.#element = element;
    this.#uploads = uploads;
    this.#words = words;
    this.#pager = find(".pager");
    element.addEventListener("click", (event) => this.#act(event));
    this.#pager.addEventListener("click", (/** @type {any} */ { target }) => this.#turn(Number(target.dataset.turn)));
  }

  /** @param {any} upload */
  change(upload) {
    this.#changed.add(upload);
    this.update();
  }

  /** @param {any} upload */
  remove(upload) {
    this.#drop(upload);
    this.update();
  }

  /** Go to the first row that needs the visitor. */
  showFirstProblem() {
    this.#page = 0;
    this.#show();
    this.#element.querySelector('[data-file-state="failed"], [data-file-state="mismatch"]')?.focus();
  }

  /** A button of the page went away: what it was about is told here. */
  focus() {
    this.#element.focus({ preventScroll: true });
  }

  #show() {
    const shown = shownFiles(this.#uploads, this.#page);
    const kept = new Set(shown);
    // A row that has the keyboard stays, whatever has become of its file.
    for (const [upload, row] of this.#rows) if (!kept.has(upload) && !row.hasFocus) this.#drop(upload);
    let next = this.#element.firstElementChild;
    for (const upload of shown) {
      const { element } = this.#rowOf(upload);
      if (next === element) next = next.nextElementSibling;
      else this.#element.insertBefore(element, next);
    }
    for (const upload of this.#changed) this.#rows.get(upload)?.update();
    this.#changed.clear();
    this.#showPager(shown.length);
  }

  /** @param {number} count of rows */
  #showPager(count) {
    const { messages, formats } = this.#words;
    const { size } = this.#uploads;
    const first = this.#page * MOST_ROWS;
    const { range, previous, next } = partsOf(this.#pager);
    this.#pager.hidden = size <= MOST_ROWS;
    previous.hidden = first === 0;
    next.hidden = first + count >= size;
    const [from, to, total] = [first + 1, first + count, size].map(formats.count);
    setText(range, messages.text("list.range", { from, to, total }));
    if (count === 0 && first > 0) this.#turn(-1);
  }

  /** @param {number} step in pages */
  #turn(step) {
    if (!step) return;
    this.#page += step;
    this.#element.focus();
    this.update();
  }

  /**
   * @param {any} upload
   * @returns {FileRow}
   */
  #rowOf(upload) {
    let row = this.#rows.get(upload);
    if (!row) this.#rows.set(upload, (row = new FileRow(upload, this.#words)));
    return row;
  }

  /** @param {any} upload */
  #drop(upload) {
    const row = this.#rows.get(upload);
    if (!row) return;
    this.#rows.delete(upload);
    const neighbour = row.element.nextElementSibling ?? row.element.previousElementSibling;
    const { hasFocus } = row;
    row.element.remove();
    if (hasFocus) neighbour?.focus();
  }

  /** @param {any} event */
  #act({ target }) {
    const action = target.closest("[data-action]")?.dataset.action;
    const element = target.closest("li");
    for (const [upload, row] of this.#rows) {
      if (action && row.element === element) this.dispatchEvent(new CustomEvent(`file:${action}`, { detail: { upload } }));
    }
  }
}
