/** The list of files: a bounded number of rows, which keep their place and change at most once in a frame. */

import { on, show } from "../lib/dom.js";
import { oncePerFrame } from "../lib/frame.js";
import { fileRow } from "./file-row.js";
import { MOST_ROWS, shownFiles } from "./shown-files.js";

export class FileList {
  #parts;
  #uploads;
  #words;
  #page = 0;
  /** @type {Map<any, ReturnType<typeof fileRow>>} */
  #rows = new Map();
  /** Uploads that differ from what their rows show. */
  #changed = new Set();
  #update = oncePerFrame(() => this.#show());

  /**
   * @param {Record<string, any>} parts
   * @param {Set<any>} uploads of the queue
   * @param {import("../lib/format.js").Words} words
   */
  constructor(parts, uploads, words) {
    this.#parts = parts;
    this.#uploads = uploads;
    this.#words = words;
    on(parts.previous, "click", () => this.#turn(-1));
    on(parts.next, "click", () => this.#turn(1));
    on(parts.show, "click", () => this.#showFirstProblem());
  }

  /** @param {any} upload that was added, has changed, or is there no more */
  change(upload) {
    if (!this.#uploads.has(upload)) this.#drop(upload);
    this.#changed.add(upload);
    this.#update();
  }

  /**
   * @param {Node} node
   * @returns {any} the upload in whose row it is
   */
  uploadAt(node) {
    for (const [upload, { element }] of this.#rows) if (element.contains(node)) return upload;
  }

  #show() {
    const shown = shownFiles(this.#uploads, this.#page);
    const kept = new Set(shown);
    // A row that has the keyboard stays, whatever has become of its file.
    for (const [upload, row] of this.#rows) if (!kept.has(upload) && !row.hasFocus()) this.#drop(upload);
    for (const upload of this.#changed) this.#rows.get(upload)?.update();
    this.#changed.clear();
    this.#place(shown);
    this.#showPager(shown.length);
  }

  /** @param {any[]} shown */
  #place(shown) {
    const { files } = this.#parts;
    const focused = /** @type {HTMLElement} */ (document.activeElement);
    let next = files.firstElementChild;
    for (const upload of shown) {
      const row = this.#rows.get(upload) ?? fileRow(upload, this.#words);
      this.#rows.set(upload, row);
      if (next === row.element) next = next.nextElementSibling;
      else files.insertBefore(row.element, next);
    }
    // A row that moves loses the focus.
    if (files.contains(focused) && focused !== document.activeElement) focused.focus();
  }

  /** @param {number} count of rows */
  #showPager(count) {
    const total = this.#uploads.size;
    const first = this.#page * MOST_ROWS;
    const last = first + count;
    const range = this.#words.text("list.range", { first: first + 1, last, total });
    show(this.#parts, { pager: total > MOST_ROWS, range, previous: first > 0, next: last < total });
    if (first > 0 && count === 0) this.#turn(-1);
  }

  /** @param {number} step in pages */
  #turn(step) {
    this.#page += step;
    this.#parts.files.focus();
    this.#update();
  }

  #showFirstProblem() {
    this.#page = 0;
    this.#show();
    this.#parts.files.querySelector('[data-file-state="failed"], [data-file-state="mismatch"]')?.focus();
  }

  /** @param {any} upload */
  #drop(upload) {
    const row = this.#rows.get(upload);
    if (!row) return;
    this.#rows.delete(upload);
    const neighbour = row.element.nextElementSibling ?? row.element.previousElementSibling;
    const hadFocus = row.hasFocus();
    row.element.remove();
    if (hadFocus) /** @type {HTMLElement | null} */ (neighbour)?.focus();
  }
}
