/** What this browser sent to this page before, and what it did not finish. */

import { clone, partsOf, show } from "../lib/dom.js";

/**
 * @typedef {{name: string, size: number, path: string, state: string, storedAt: string | null}} PastFile
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
    const row = clone(parts["past-file"]);
    const end = storedAt ? day(new Date(storedAt)) : text("past.open");
    show(partsOf(row), { name: path ? `${path}/${name}` : name, more: `${size(bytes)} · ${end}` });
    return row;
  });
  parts["past-files"].replaceChildren(...rows);
}
