/** What this browser sent to this page before, and what it did not finish. */

import { clone, find, partsOf, show } from "../lib/dom.js";
import { MOST_ROWS } from "./shown-files.js";

/**
 * @typedef {{name: string, size: number, path: string, state: string, storedAt: string | null}} PastFile
 * @param {Record<string, any>} parts
 * @param {PastFile[]} history
 * @param {import("../lib/format.js").Words} words
 */
export function showPastFiles(parts, history, words) {
  const { text, plural } = words;
  const stored = history.filter(({ state }) => state === "stored");
  const open = history.filter(({ state }) => state !== "stored");
  show(parts, {
    past: history.length > 0, missing: open.length > 0, unfinished: plural("past.unfinished", open.length),
    summary: text("gauge.stored", { stored: stored.length, total: history.length }),
  });
  // Those that ask for something come first.
  parts["past-files"].replaceChildren(...[...open, ...stored].slice(0, MOST_ROWS).map((file) => rowOf(file, words)));
}

/**
 * @param {PastFile} file
 * @param {import("../lib/format.js").Words} words
 */
function rowOf({ name, path, size: bytes, storedAt }, { text, size, day }) {
  const row = clone(find("#past-file"));
  const end = storedAt ? day(new Date(storedAt)) : text("past.open");
  show(partsOf(row), { name: path ? `${path}/${name}` : name, more: `${size(bytes)} · ${end}` });
  return row;
}
