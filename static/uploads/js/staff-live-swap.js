/** Puts the live parts that the server sent into the page, without taking focus, selection or scroll position away. */

import { showLocalTimes } from "./staff-times.js";

/** @param {string} html parts of the page, each in an element with its name in `data-live` */
export function swapLiveParts(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  showLocalTimes(fresh);
  keepFocus(() => keepPlace(() => swapParts(fresh)));
}

/** @param {() => void} change */
function keepFocus(change) {
  const focused = document.activeElement?.id;
  change();
  if (focused && document.activeElement?.id !== focused) {
    document.getElementById(focused)?.focus({ preventScroll: true });
  }
}

/**
 * Who has scrolled into the list goes on reading the same row when new ones come above it.
 * @param {() => void} change
 */
function keepPlace(change) {
  const rows = [...document.querySelectorAll("[data-live-rows] > tr")];
  const read = rows.find((row) => row.getBoundingClientRect().bottom > 0);
  const before = read?.getBoundingClientRect().top ?? 0;
  change();
  if (read?.isConnected && read !== rows[0]) scrollBy(0, read.getBoundingClientRect().top - before);
}

/** @param {Document} fresh */
function swapParts(fresh) {
  for (const part of fresh.querySelectorAll("[data-live]")) {
    const current = document.querySelector(`[data-live="${part.getAttribute("data-live")}"]`);
    if (current && !current.isEqualNode(part)) swapPart(current, part);
  }
}

/**
 * @param {Element} current
 * @param {Element} fresh
 */
function swapPart(current, fresh) {
  const rows = current.querySelector("[data-live-rows]");
  const freshRows = fresh.querySelector("[data-live-rows]");
  if (rows && freshRows) {
    swapRows(rows, [...freshRows.children]);
    return;
  }
  current.toggleAttribute("hidden", fresh.hasAttribute("hidden"));
  current.replaceChildren(...fresh.childNodes);
}

/**
 * Rows that stay the same are not touched, and none is moved: the order is the same on every load.
 * @param {Element} rows
 * @param {Element[]} freshRows
 */
function swapRows(rows, freshRows) {
  const wanted = new Set(freshRows.map((row) => row.id));
  for (const row of [...rows.children]) if (!wanted.has(row.id)) row.remove();
  let place = rows.firstElementChild;
  for (const fresh of freshRows) {
    if (place?.id !== fresh.id) {
      rows.insertBefore(fresh, place);
      continue;
    }
    const current = place;
    place = place.nextElementSibling;
    if (!current.isEqualNode(fresh)) current.replaceChildren(...fresh.childNodes);
  }
}
