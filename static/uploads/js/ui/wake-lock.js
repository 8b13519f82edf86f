/** Keeps the screen awake while bytes move: a phone that falls asleep stops sending. */

/**
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
