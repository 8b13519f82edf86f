/** What is true of all files together: gauge, end, notice, tab title, and what is read aloud. */

import { setSymbol, show } from "../lib/dom.js";
import { oncePerFrame } from "../lib/frame.js";
import { announcer } from "./announcer.js";
import { speedOf } from "./file-row.js";

/**
 * @param {Record<string, any>} parts
 * @param {any} queue
 * @param {import("../lib/format.js").Words} words
 * @returns {() => void} asks for an update in the next frame
 */
export function pageStatus(parts, queue, words) {
  const announce = announcer(parts, words);
  const { title } = document;
  return oncePerFrame(() => {
    const focused = document.activeElement;
    const sums = sumsOf(queue, words);
    parts.queue.dataset.uploadState = sums.state;
    showGauge(parts, sums, words);
    showEnd(parts, sums, words);
    showProblems(parts, sums, words, queue);
    showTitle(title, sums);
    announce(sums);
    // A button that went away: what it was about is told in the list.
    const isGone = parts.queue.contains(focused) && focused?.getClientRects().length === 0;
    if (isGone) parts.files.focus({ preventScroll: true });
  });
}

/**
 * @param {any} queue
 * @param {import("../lib/format.js").Words} words
 */
function sumsOf({ tally, progress, isPaused }, { size }) {
  const { sentBytes, totalBytes } = progress;
  const stored = tally.files("stored");
  const problems = tally.files("failed", "mismatch");
  const unsent = tally.files("waiting", "paused", "sending");
  const checking = tally.files("checking", "sent");
  const total = stored + problems + unsent + checking;
  // Without any bytes, the files themselves are what can be counted.
  const percent = Math.floor(100 * (totalBytes ? sentBytes / totalBytes : stored / (total || 1)));
  const [done, all] = [sentBytes, totalBytes].map(size);
  return { state: tally.state, progress, isPaused, stored, problems, unsent, checking, total, percent, done, all };
}

/**
 * @param {Record<string, any>} parts
 * @param {any} sums
 * @param {import("../lib/format.js").Words} words
 */
function showGauge(parts, sums, words) {
  const { text } = words;
  const { bar, pause } = parts;
  const isUnsent = sums.unsent > 0;
  const action = sums.isPaused ? "resumeAll" : "pauseAll";
  bar.value = sums.percent;
  bar.setAttribute("aria-valuetext", text("live.sent", sums));
  pause.dataset.action = action;
  setSymbol(pause.firstElementChild, sums.isPaused ? "i-play" : "i-pause");
  show(parts, {
    figure: `${sums.percent}`, bytes: text("gauge.bytes", sums),
    pace: sums.isPaused ? text("state.paused") : speedOf(sums.progress, words),
    counts: text(sums.checking ? "gauge.checking" : "gauge.stored", sums),
    "pause-word": text(`action.${action}`), pause: isUnsent, "cancel-all": isUnsent, keep: isUnsent,
  });
}

/**
 * @param {Record<string, any>} parts
 * @param {any} sums
 * @param {import("../lib/format.js").Words} words
 */
function showEnd(parts, sums, { plural, day }) {
  const end = plural("end.done", sums.total, sums);
  if (parts.end.textContent !== end) show(parts, { end, "end-size": sums.done, "end-time": day(new Date()) });
}

/**
 * @param {Record<string, any>} parts
 * @param {any} sums
 * @param {import("../lib/format.js").Words} words
 * @param {any} queue
 */
function showProblems(parts, sums, { plural }, { uploads }) {
  const { state, problems } = sums;
  const name = state === "attention" ? "problems.end" : "problems.working";
  const retries = () => [...uploads].filter(({ canRetry, state }) => canRetry && state !== "cancelled").length;
  show(parts, {
    problems: problems > 0, "problems-text": plural(name, problems, sums), "retry-all": problems > 1 && retries() > 1,
  });
}

/**
 * @param {string} title
 * @param {any} sums
 */
function showTitle(title, { state, unsent, percent, stored, total }) {
  const done = unsent ? `${percent}%` : `${stored}/${total}`;
  document.title = state === "working" || state === "attention" ? `${done} · ${title}` : title;
}
