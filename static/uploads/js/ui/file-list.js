/** The list of files, with a bounded number of rows that keep their place, and the list of those of earlier visits. */

import { copyOf, on, show } from "../lib/dom.js";
import { fileRow } from "./file-row.js";

/** A browser that lays out 10,000 rows stutters at each change; 200 it does not feel. */
const MOST_ROWS = 200;

/** What needs the visitor comes first, then what moves. @type {Record<string, number>} */
const RANK = {
  failed: 0, mismatch: 0, sending: 1, paused: 1, checking: 1, sent: 1, waiting: 2, stored: 3, cancelled: 4,
};

/**
 * @param {Record<string, any>} parts
 * @param {Set<any>} uploads of the queue
 * @param {import("../lib/words.js").Words} words
 */
export function fileList(parts, uploads, words) {
  const { files } = parts;
  /** @type {Map<any, ReturnType<typeof fileRow>>} */
  const rows = new Map();
  /** Uploads that differ from what their rows show. */
  const changed = new Set();
  let page = 0;

  /** @param {any} upload that was added, has changed, or is there no more */
  const change = (upload) => {
    if (!uploads.has(upload)) drop(upload);
    changed.add(upload);
  };

  /**
   * @param {Node} node
   * @returns {any} the upload in whose row it is
   */
  const uploadAt = (node) => [...rows].find(([, { element }]) => element.contains(node))?.[0];

  const update = () => {
    const shown = shownFiles(uploads, page);
    const kept = new Set(shown);
    // A row that has the keyboard stays, whatever has become of its file.
    for (const [upload, row] of rows) if (!kept.has(upload) && !row.hasFocus()) drop(upload);
    for (const upload of changed) rows.get(upload)?.update();
    changed.clear();
    place(shown);
    showPager(shown.length);
  };

  /** @param {any[]} shown */
  const place = (shown) => {
    const focused = /** @type {HTMLElement} */ (document.activeElement);
    let next = files.firstElementChild;
    for (const upload of shown) {
      const row = rows.get(upload) ?? fileRow(parts["file-row"], upload, words);
      rows.set(upload, row);
      if (next === row.element) next = next.nextElementSibling;
      else files.insertBefore(row.element, next);
    }
    // A row that moves loses the focus.
    if (files.contains(focused) && focused !== document.activeElement) focused.focus();
  };

  /** @param {number} count of rows */
  const showPager = (count) => {
    const total = uploads.size;
    const first = page * MOST_ROWS;
    const last = first + count;
    const range = words.text("list.range", { first: first + 1, last, total });
    show(parts, { pager: total > MOST_ROWS, range, previous: first > 0, next: last < total });
    if (first > 0 && count === 0) turn(page - 1);
  };

  /** @param {number} to */
  const turn = (to) => {
    page = to;
    files.focus();
    update();
  };

  /** @param {any} upload */
  const drop = (upload) => {
    const row = rows.get(upload);
    if (!row) return;
    rows.delete(upload);
    const { element } = row;
    const heir = element.nextElementSibling ?? element.previousElementSibling ?? parts.input;
    const hadFocus = row.hasFocus();
    element.remove();
    if (hadFocus) heir.focus();
  };

  on(parts.previous, "click", () => turn(page - 1));
  on(parts.next, "click", () => turn(page + 1));
  on(parts.show, "click", () => {
    turn(0);
    files.querySelector('[data-file-state="failed"], [data-file-state="mismatch"]')?.focus();
  });
  return { change, update, uploadAt };
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
  const ranked = [...uploads].sort((one, other) => RANK[one.state] - RANK[other.state]);
  return ranked.slice(page * MOST_ROWS, (page + 1) * MOST_ROWS);
}

/**
 * What this browser sent to this page before, and what it did not finish.
 * @typedef {{name: string, size: number, path: string, state: string, storedAt: string | Date | null}} PastFile
 * @param {Record<string, any>} parts
 * @param {PastFile[]} history
 * @param {import("../lib/words.js").Words} words
 */
export function showPastFiles(parts, history, { text, plural, size, day }) {
  const stored = history.filter(({ state }) => state === "stored");
  const open = history.filter(({ state }) => state !== "stored");
  show(parts, {
    past: history.length > 0, missing: open.length > 0, unfinished: plural("past.unfinished", open.length),
    summary: text("gauge.stored", { stored: stored.length, total: history.length }),
  });
  // Those that ask for something come first.
  const rows = [...open, ...stored].map(({ name, path, size: bytes, storedAt }) => {
    const row = copyOf(parts["past-file"]);
    const end = storedAt ? day(new Date(storedAt)) : text("past.open");
    show(row.parts, { name: path ? `${path}/${name}` : name, more: `${size(bytes)} · ${end}` });
    return row.element;
  });
  parts["past-files"].replaceChildren(...rows);
}
