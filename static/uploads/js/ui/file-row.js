/** One file in the list. */

import { clone, partsOf, show } from "../lib/dom.js";
import { splitName } from "../lib/words.js";

/** @typedef {import("../lib/words.js").Words} Words */

/**
 * @param {HTMLTemplateElement} template
 * @param {any} upload
 * @param {Words} words
 * @returns {{element: HTMLElement, hasFocus: () => boolean, update: () => void}}
 */
export function fileRow(template, upload, words) {
  const element = clone(template);
  const parts = partsOf(element);
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
  show(parts, { head, tail, bar, word, more: more(upload, words), note: notes(upload, words) });
}

/**
 * @param {any} upload
 * @param {Words} words
 */
function more(upload, words) {
  const { state, cause, startedAt, storedAt, wasTaken, attempt } = upload;
  const { text, time } = words;
  if (state === "failed" || state === "mismatch") {
    return cause?.message || text(`cause.${cause?.code}`, {}, `cause.${state}`);
  }
  if (state === "stored") return storedAt ? time(storedAt) : "";
  if (state === "sending") return speedOf(upload, words) || text("more.sending", { time: time(startedAt) });
  if (state === "waiting" && attempt > 1) return text("more.again");
  return text(state === "checking" && !wasTaken ? "more.asking" : `more.${state}`);
}

/**
 * @param {any} upload
 * @param {Words} words
 */
function notes({ nameWasCleaned, wasChosenTwice, wasContinued, canCancel }, { text }) {
  const notes = { cleaned: nameWasCleaned, twice: wasChosenTwice, continued: wasContinued && canCancel };
  return Object.entries(notes).map(([name, isTrue]) => (isTrue ? text(`note.${name}`) : "")).join(" ").trim();
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
  parts.pause.classList.toggle("button--icon", !canResume);
  show(parts, { retry: canRetry, pause: canCancel, drop: canCancel || canRemove });
}

/**
 * How fast it goes, and how long still.
 * @param {{rate: number | null, leftSeconds: number | null}} progress
 * @param {Words} words
 * @returns {string} empty as long as nothing was measured
 */
export function speedOf({ rate, leftSeconds }, { text, size, duration }) {
  if (!rate) return "";
  const speed = text("speed.rate", { size: size(rate) });
  return leftSeconds === null ? speed : `${speed} · ${text("speed.left", { time: duration(leftSeconds) })}`;
}
