/** What is true of all files together: gauge, end, notice, tab title, and what is read aloud. */

import { show } from "../lib/dom.js";

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
    const { state, unsent, percent, stored, total } = sums;
    parts.queue.dataset.uploadState = state;
    showSums(parts, sums, words);
    const done = unsent ? `${percent}%` : `${stored}/${total}`;
    document.title = state === "working" || state === "attention" ? `${done} · ${title}` : title;
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
function sumsOf({ tally, isPaused, uploads }, { size }) {
  const { sentBytes, totalBytes, rate } = tally.progress;
  const stored = tally.files("stored");
  const problems = tally.files("failed", "mismatch");
  const unsent = tally.files("waiting", "paused", "sending");
  const checking = tally.files("checking", "sent");
  const total = stored + problems + unsent + checking;
  const canRetry = (/** @type {any} */ upload) => upload.canRetry && upload.state !== "cancelled";
  const retries = problems > 1 ? [...uploads].filter(canRetry).length : 0;
  // Without any bytes, the files themselves are what can be counted.
  const percent = Math.floor(100 * (totalBytes ? sentBytes / totalBytes : stored / (total || 1)));
  return {
    state: tally.state, isPaused, stored, problems, retries, unsent, checking, total, percent,
    rate, leftBytes: totalBytes - sentBytes, done: size(sentBytes), all: size(totalBytes),
  };
}

/**
 * @param {Record<string, any>} parts
 * @param {any} sums
 * @param {Words} words
 */
function showSums({ bar, pause, ...parts }, sums, words) {
  const { state, percent, isPaused, problems, unsent, checking, retries, done, rate, leftBytes } = sums;
  const { text, day, speed } = words;
  const status = statusOf(sums, words);
  bar.value = percent;
  bar.setAttribute("aria-valuetext", text("live.sent", sums));
  pause.dataset.action = isPaused ? "resumeAll" : "pauseAll";
  show(parts, {
    figure: `${percent}`, bytes: text("gauge.bytes", sums),
    pace: isPaused ? text("state.paused") : speed(rate, leftBytes),
    counts: text(checking ? "gauge.checking" : "gauge.stored", sums),
    acts: unsent > 0, keep: unsent > 0,
    problems: problems > 0, "problems-text": status, "retry-all": retries > 1,
  });
  const isNews = state === "done" && parts.end.textContent !== status;
  if (isNews) show(parts, { end: status, "end-size": done, "end-time": day(new Date()) });
}

/**
 * @param {any} sums
 * @param {Words} words
 * @returns {string} the one sentence on all of them: how it ended, or how many need the visitor
 */
function statusOf(sums, { plural }) {
  return plural(`status.${sums.state}`, sums.problems || sums.total, sums);
}

/**
 * What a screen reader says: milestones, never each per cent.
 * @param {Record<string, any>} parts with a polite live region
 * @param {Words} words
 * @returns {(sums: any) => void} to be told how far all files are, as often as that changes
 */
export function announcer(parts, words) {
  let before = { state: "idle", quarter: 0, problems: 0, isPaused: false };
  const say = (/** @type {string} */ live) => show(parts, { live });
  return (sums) => {
    const { state, problems, percent, isPaused } = sums;
    const quarter = Math.floor(percent / 25);
    if (state !== "working" || problems > before.problems) say(statusOf(sums, words));
    else if (isPaused > before.isPaused) say(words.text("live.paused"));
    else if (quarter > before.quarter) say(words.text("live.sent", sums));
    // It began again: the same end will be news once more.
    else if (state !== before.state || isPaused !== before.isPaused) say("");
    before = { state, quarter, problems, isPaused };
  };
}
