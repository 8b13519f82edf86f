/** What is true of all files together: gauge, end, notice, tab title, and what is read aloud. */

import { show } from "../lib/dom.js";
import { speedOf } from "./file-row.js";

/** @typedef {import("../lib/words.js").Words} Words */

/**
 * @param {Record<string, any>} parts
 * @param {any} queue
 * @param {Words} words
 * @returns {() => void} brings it up to date
 */
export function pageStatus(parts, queue, words) {
  const announce = announcer(parts, words);
  const { title } = document;
  return () => {
    const focused = document.activeElement;
    const sums = sumsOf(queue, words);
    parts.queue.dataset.uploadState = sums.state;
    parts.drop.classList.toggle("drop--slim", queue.uploads.size > 0);
    showGauge(parts, sums, words);
    showEnd(parts, sums, words);
    showProblems(parts, sums, words);
    showTitle(title, sums);
    announce(sums);
    // A button that went away: what it was about is told in the list.
    const isGone = parts.queue.contains(focused) && focused?.getClientRects().length === 0;
    if (isGone) parts.files.focus({ preventScroll: true });
  };
}

/**
 * @param {any} queue
 * @param {Words} words
 */
function sumsOf({ tally, progress, isPaused, uploads }, { size }) {
  const { sentBytes, totalBytes } = progress;
  const stored = tally.files("stored");
  const problems = tally.files("failed", "mismatch");
  const unsent = tally.files("waiting", "paused", "sending");
  const checking = tally.files("checking", "sent");
  const total = stored + problems + unsent + checking;
  const canRetry = (/** @type {any} */ upload) => upload.canRetry && upload.state !== "cancelled";
  const retries = problems > 1 ? [...uploads].filter(canRetry).length : 0;
  // Without any bytes, the files themselves are what can be counted.
  const percent = Math.floor(100 * (totalBytes ? sentBytes / totalBytes : stored / (total || 1)));
  const [done, all] = [sentBytes, totalBytes].map(size);
  const { state } = tally;
  return { state, progress, isPaused, stored, problems, retries, unsent, checking, total, percent, done, all };
}

/**
 * @param {Record<string, any>} parts
 * @param {any} sums
 * @param {Words} words
 */
function showGauge({ bar, pause, ...parts }, sums, words) {
  const { text } = words;
  const isUnsent = sums.unsent > 0;
  bar.value = sums.percent;
  bar.setAttribute("aria-valuetext", text("live.sent", sums));
  pause.dataset.action = sums.isPaused ? "resumeAll" : "pauseAll";
  show(parts, {
    figure: `${sums.percent}`, bytes: text("gauge.bytes", sums),
    pace: sums.isPaused ? text("state.paused") : speedOf(sums.progress, words),
    counts: text(sums.checking ? "gauge.checking" : "gauge.stored", sums),
    acts: isUnsent, keep: isUnsent,
  });
}

/**
 * @param {Record<string, any>} parts
 * @param {any} sums
 * @param {Words} words
 */
function showEnd(parts, sums, { plural, day }) {
  const end = plural("end.done", sums.total, sums);
  if (parts.end.textContent !== end) show(parts, { end, "end-size": sums.done, "end-time": day(new Date()) });
}

/**
 * @param {Record<string, any>} parts
 * @param {any} sums
 * @param {Words} words
 */
function showProblems(parts, sums, { plural }) {
  const { state, problems, retries } = sums;
  const name = state === "attention" ? "problems.end" : "problems.working";
  show(parts, {
    problems: problems > 0, "problems-text": plural(name, problems, sums), "retry-all": retries > 1,
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

/**
 * What a screen reader says: milestones, never each per cent.
 * @param {Record<string, any>} parts with a polite live region
 * @param {Words} words
 * @returns {(sums: any) => void} to be told how far all files are, as often as that changes
 */
export function announcer(parts, { text, plural }) {
  let before = { state: "idle", quarter: 0, problems: 0, isPaused: false };
  const say = (/** @type {string} */ live) => show(parts, { live });
  return (sums) => {
    const { state, total, problems, percent, isPaused } = sums;
    const quarter = Math.floor(percent / 25);
    if (state === "done") say(plural("end.done", total, sums));
    else if (state === "attention") say(plural("problems.end", problems, sums));
    else if (state === "idle") say(text("live.idle"));
    else if (problems > before.problems) say(plural("problems.working", problems, sums));
    else if (isPaused > before.isPaused) say(text("live.paused"));
    else if (quarter > before.quarter) say(text("live.sent", sums));
    // It began again: the same end will be news once more.
    else if (state !== before.state || isPaused !== before.isPaused) say("");
    before = { state, quarter, problems, isPaused };
  };
}
