/** One file in the list. */

import { clone, find, partsOf, setLabel, setSymbol, show } from "../lib/dom.js";
import { splitName } from "../lib/format.js";

/** @typedef {import("../lib/format.js").Words} Words */

/**
 * @param {any} upload
 * @param {Words} words
 * @returns {{element: HTMLElement, hasFocus: () => boolean, update: () => void}}
 */
export function fileRow(upload, words) {
  const element = clone(find("#file-row"));
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
  setSymbol(parts.glyph, `s-${kind}`);
  if (bar) parts.bar.value = percent;
  show(parts, { head, tail, bar, word, more: more(upload, words), note: notes(upload, words) });
}

/**
 * @param {any} upload
 * @param {Words} words
 */
function more(upload, words) {
  const { state, cause, startedAt, storedAt, wasTaken, attempt } = upload;
  const { has, text, time } = words;
  if (state === "failed" || state === "mismatch") {
    return cause?.message || text(has(`cause.${cause?.code}`) ? `cause.${cause.code}` : `cause.${state}`);
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
  const notes = [nameWasCleaned && "cleaned", wasChosenTwice && "twice", wasContinued && canCancel && "continued"];
  return notes.map((note) => (note ? text(`note.${note}`) : "")).join(" ").trim();
}

/**
 * @param {Record<string, any>} parts
 * @param {any} upload
 * @param {Words} words
 */
function showActions(parts, { name, state, canRetry, canPause, canResume, canCancel }, { text }) {
  const { pause } = parts;
  const isOver = ["failed", "mismatch", "cancelled"].includes(state);
  const actions = { retry: "retry", pause: canResume ? "resume" : "pause", drop: canCancel ? "cancel" : "remove" };
  for (const [part, action] of Object.entries(actions)) {
    parts[part].dataset.action = action;
    setLabel(parts[part], text(`action.${action}`, { name }));
  }
  show(parts, { retry: canRetry, pause: canPause || canResume, resume: canResume, drop: canCancel || isOver });
  pause.classList.toggle("button--icon", !canResume);
  setSymbol(pause.firstElementChild, canResume ? "i-play" : "i-pause");
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
