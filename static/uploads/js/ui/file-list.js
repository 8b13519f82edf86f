/** The list of files: a bounded number of rows, which keep their place and change only when they are shown. */

import { on, show } from "../lib/dom.js";
import { fileRow } from "./file-row.js";

/** A browser that lays out 10,000 rows stutters at each change; 200 it does not feel. */
const MOST_ROWS = 200;

/** What needs the visitor comes first, then what moves. @type {Record<string, number>} */
const RANK = {
  failed: 0, mismatch: 0, sending: 1, paused: 1, checking: 1, sent: 1, waiting: 2, stored: 3, cancelled: 4,
};

export class FileList {
  #parts;
  #uploads;
  #words;
  #page = 0;
  /** @type {Map<any, ReturnType<typeof fileRow>>} */
  #rows = new Map();
  /** Uploads that differ from what their rows show. */
  #changed = new Set();

  /**
   * @param {Record<string, any>} parts
   * @param {Set<any>} uploads of the queue
   * @param {import("../lib/words.js").Words} words
   */
  constructor(parts, uploads, words) {
    this.#parts = parts;
    this.#uploads = uploads;
    this.#words = words;
    on(parts.previous, "click", () => this.#turn(this.#page - 1));
    on(parts.next, "click", () => this.#turn(this.#page + 1));
    on(parts.show, "click", () => {
      this.#turn(0);
      parts.files.querySelector('[data-file-state="failed"], [data-file-state="mismatch"]')?.focus();
    });
  }

  /** @param {any} upload that was added, has changed, or is there no more */
  change(upload) {
    if (!this.#uploads.has(upload)) this.#drop(upload);
    this.#changed.add(upload);
  }

  /**
   * @param {Node} node
   * @returns {any} the upload in whose row it is
   */
  uploadAt(node) {
    for (const [upload, { element }] of this.#rows) if (element.contains(node)) return upload;
  }

  show() {
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
      const row = this.#rows.get(upload) ?? fileRow(this.#parts["file-row"], upload, this.#words);
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
    if (first > 0 && count === 0) this.#turn(this.#page - 1);
  }

  /** @param {number} page */
  #turn(page) {
    this.#page = page;
    this.#parts.files.focus();
    this.show();
  }

  /** @param {any} upload */
  #drop(upload) {
    const row = this.#rows.get(upload);
    if (!row) return;
    this.#rows.delete(upload);
    const { element } = row;
    const heir = element.nextElementSibling ?? element.previousElementSibling ?? this.#parts.input;
    const hadFocus = row.hasFocus();
    element.remove();
    if (hadFocus) heir.focus();
  }
}

/**
 * The uploads of one page of the list. As long as one page holds all, they keep the order in which they were chosen.
 * @template {{state: string}} T
 * @param {Set<T>} uploads
 * @param {number} page from 0
 * @returns {T[]}
 */
export function shownFiles(uploads, page) {
  if (uploads.size <= MOST_ROWS) return [...uploads];
  /** @type {T[][]} */
  const ranks = [[], [], [], [], []];
  for (const upload of uploads) ranks[RANK[upload.state]].push(upload);
  return ranks.flat().slice(page * MOST_ROWS, (page + 1) * MOST_ROWS);
}
