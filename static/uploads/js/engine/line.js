/** What can be told of the line to the storage when a PUT got no answer: `fetch` has one error for everything. */

import { withinTime } from "./transport.js";

const PATIENCE_MS = 5000;

/**
 * `reached`: the storage's host answers a request that needs no CORS rule; null where that could not be tried.
 * @param {string} url of the PUT
 * @returns {Promise<{online: boolean, reached: boolean | null}>}
 */
export async function lineEvidence(url) {
  const online = navigator.onLine;
  if (!online) return { online, reached: null };
  /** @type {RequestInit} */
  const request = { method: "HEAD", mode: "no-cors", cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" };
  const asked = withinTime(PATIENCE_MS, (signal) => fetch(new URL(url).origin, { ...request, signal }));
  return { online, reached: await asked.then(() => true, () => false) };
}
