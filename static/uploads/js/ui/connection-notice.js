/** Says that the page waits for the network or for its server, and goes on by itself. */

import { show } from "../lib/dom.js";

/**
 * @typedef {{status: number | null, retryAfterMs: number | null}} Trouble
 * @param {Record<string, any>} parts
 * @param {import("../lib/format.js").Words} words
 * @param {() => boolean} isSending whether files wait for it that are not sent yet
 * @returns {(trouble: Trouble | null, delayMs: number) => void} shows what is wrong, null: nothing any more
 */
export function connectionNotice(parts, { plural }, isSending) {
  return (trouble, delayMs) => {
    show(parts, { connection: trouble !== null });
    if (trouble === null) return;
    const seconds = Math.max(1, Math.round(delayMs / 1000));
    const name = `${isSending() ? "sending" : "checking"}.${kindOf(trouble)}`;
    show(parts, { "connection-text": plural(name, seconds, { seconds }) });
  };
}

/** @param {Trouble} trouble */
function kindOf({ status, retryAfterMs }) {
  if (navigator.onLine === false) return "offline";
  if (status === 429) return "often";
  return retryAfterMs === null ? "unreachable" : "busy";
}
