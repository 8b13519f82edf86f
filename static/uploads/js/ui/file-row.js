/** One file in the list. */

import { copyOf, show } from "../lib/dom.js";

/** @typedef {import("../lib/words.js").Words} Words */

/** Hebrew, Arabic and their neighbours. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
/** The last signs of a name: a mark or a joiner belongs to the sign before it. */
const TAIL = /(?:[^\p{M}\u200d][\p{M}\u200d]*){0,12}$/u;
/** Chinese signs are twice as wide. */
const WIDE_TAIL = /(?:[^\p{M}\u200d][\p{M}\u200d]*){0,7}$/u;

/**
 * @param {HTMLTemplateElement} template
 * @param {any} upload
 * @param {Words} words
 * @returns {{element: HTMLElement, hasFocus: () => boolean, update: () => void}}
 */
export function fileRow(template, upload, words) {
  const { element, parts } = copyOf(template);
  const hasFocus = () => element.contains(document.activeElement);
  const update = () => {
    const focused = hasFocus() ? document.activeElement : null;
    element.dataset.fileState = upload.state;
    element.toggleAttribute("data-refused", upload.isRefused);
    showFacts(parts, upload, words);
    showActions(parts, upload, words);
    // A button that goes away leaves the focus to the row.
    if (focused?.closest("[hidden]")) element.focus();
  };
  const size = words.size(upload.file.size);
  show(parts, { path: upload.path, size, "size-below": size });
  parts.path.title = upload.path;
  update();
  return { element, hasFocus, update };
}

/**
 * @param {Record<string, any>} parts
 * @param {any} upload
 * @param {Words} words
 */
function showFacts(parts, upload, words) {
  const { name, state, file, sentBytes, isRefused } = upload;
  const kind = isRefused ? "refused" : state;
  const [head, tail] = splitName(name);
  // How much has arrived, as soon as that is known and as long as something is missing.
  const bar = ["sending", "paused"].includes(state) && sentBytes > 0;
  const percent = Math.floor((100 * sentBytes) / file.size);
  const word = words.text(bar ? `at.${state}` : `state.${kind}`, { percent });
  parts.name.title = name;
  parts.glyph.setAttribute("href", `#s-${kind}`);
  if (bar) parts.bar.value = percent;
  show(parts, { head, tail, bar, word, more: progressOf(upload, words), note: notes(upload, words) });
}

/**
 * @param {any} upload
 * @param {Words} words
 */
function progressOf(upload, { text, time, speed }) {
  const { state, cause, file, sentBytes, rate, startedAt, storedAt, wasTaken, attempt } = upload;
  if (state === "failed" || state === "mismatch") {
    return cause?.message || text(`cause.${cause?.code}`, {}, `cause.${state}`);
  }
  if (state === "stored") return storedAt ? time(storedAt) : "";
  if (state === "sending") return speed(rate, file.size - sentBytes) || text("more.sending", { time: time(startedAt) });
  if (state === "waiting" && attempt > 1) return text("more.again");
  return text(state === "checking" && !wasTaken ? "more.asking" : `more.${state}`);
}

/**
 * @param {any} upload
 * @param {Words} words
 */
function notes({ nameWasCleaned, wasChosenTwice, wasContinued, canCancel }, { text }) {
  const notes = [nameWasCleaned && "cleaned", wasChosenTwice && "twice", wasContinued && canCancel && "continued"];
  return notes.filter(Boolean).map((note) => text(`note.${note}`)).join(" ");
}

/**
 * @param {Record<string, any>} parts
 * @param {any} upload
 * @param {Words} words
 */
function showActions(parts, { name, canRetry, canResume, canCancel, canRemove }, { text }) {
  const actions = { retry: "retry", pause: canResume ? "resume" : "pause", drop: canCancel ? "cancel" : "remove" };
  for (const [part, action] of Object.entries(actions)) {
    const label = text(`action.${action}`, { name });
    parts[part].dataset.action = action;
    parts[part].setAttribute("aria-label", label);
    parts[part].title = label;
  }
  show(parts, { retry: canRetry, pause: canCancel, drop: canCancel || canRemove });
}

/**
 * The two parts of a long name: the first may lose its end, the last one stays. A right-to-left name stays whole: its
 * letters join, and two boxes would tear them apart.
 * @param {string} name
 * @returns {[string, string]}
 */
export function splitName(name) {
  if (RIGHT_TO_LEFT.test(name)) return [name, ""];
  const cut = name.search(TAIL);
  const isWide = /\p{Script=Han}/u.test(name.slice(cut));
  const place = isWide ? name.search(WIDE_TAIL) : cut;
  return [name.slice(0, place), name.slice(place)];
}
