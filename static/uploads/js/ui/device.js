/** What the device has to do with it: its line, of which the page tells, and its screen, which is kept awake. */

import { show } from "../lib/dom.js";

/**
 * Says that the page waits for the network or for its server, and goes on by itself.
 * @typedef {{status: number | null, retryAfterMs: number | null}} Trouble
 * @param {Record<string, any>} parts
 * @param {import("../lib/words.js").Words} words
 * @param {() => boolean} isSending whether files wait for it that are not sent yet
 * @returns {(trouble: Trouble | null, delayMs: number) => void} shows what is wrong, null: nothing any more
 */
export function connectionNotice(parts, { plural }, isSending) {
  return (trouble, delayMs) => {
    const seconds = Math.max(1, Math.round(delayMs / 1000));
    const phase = isSending() ? "sending" : "checking";
    const sentence = trouble ? plural(`${phase}.${kindOf(trouble)}`, seconds, { seconds }) : "";
    show(parts, { connection: trouble !== null, "connection-text": sentence });
  };
}

/** @param {Trouble} trouble */
function kindOf({ status, retryAfterMs }) {
  if (navigator.onLine === false) return "offline";
  if (status === 429) return "often";
  return retryAfterMs === null ? "unreachable" : "busy";
}

/**
 * Keeps the screen awake while bytes move: a phone that falls asleep stops sending.
 * @param {{isMoving: boolean}} queue
 * @returns {() => void} to be called whenever that may have changed, and when the page is shown again
 */
export function wakeLock(queue) {
  /** @type {Promise<WakeLockSentinel | void> | undefined} */
  let lock;
  return () => {
    // Not there on plain http; refused where the battery is low.
    if (queue.isMoving && !document.hidden) lock ??= navigator.wakeLock?.request("screen").catch(() => {});
    else {
      lock?.then((held) => held?.release());
      lock = undefined;
    }
  };
}
