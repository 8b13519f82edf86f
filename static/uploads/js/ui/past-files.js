/** What this browser sent to this page before, and what it did not finish. */

import { clone, find, partsOf, setText } from "../lib/dom.js";
import { MOST_ROWS } from "./shown-files.js";

/**
 * @param {HTMLElement} element
 * @param {{name: string, size: number, path: string, state: string, storedAt: string | null}[]} history
 * @param {import("./file-row.js").Words} words
 */
export function showPastFiles(element, history, { messages, formats }) {
  const { missing, unfinished, summary, files } = partsOf(element);
  const stored = history.filter(({ state }) => state === "stored");
  const open = history.filter(({ state }) => state !== "stored");
  const counts = { stored: formats.count(stored.length), total: formats.count(history.length) };
  element.hidden = history.length === 0;
  missing.hidden = open.length === 0;
  setText(unfinished, messages.plural("past.unfinished", open.length, { count: formats.count(open.length) }));
  setText(summary, messages.text("gauge.stored", counts));

  const rowOf = (/** @type {typeof history[0]} */ { name, path, size, storedAt, state }) => {
    const row = clone(find("#past-file"));
    const parts = partsOf(row);
    parts.name.textContent = path ? `${path}/${name}` : name;
    const end = state === "stored" && storedAt ? formats.day(new Date(storedAt)) : messages.text("past.open");
    parts.more.textContent = `${formats.size(size)} · ${end}`;
    return row;
  };
  // Those that ask for something come first.
  files.replaceChildren(...[...open, ...stored].slice(0, MOST_ROWS).map(rowOf));
}
