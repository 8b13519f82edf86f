/** What a screen reader says: milestones, never each per cent. */

import { show } from "../lib/dom.js";

/**
 * @param {Record<string, any>} parts with a polite live region
 * @param {import("../lib/format.js").Words} words
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
