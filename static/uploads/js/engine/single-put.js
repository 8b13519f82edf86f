/** One request with a file or a part of it, and what a missing answer means. */

import { put } from "./transport.js";

/** So long the disk may take, or the host of the storage. */
const PROBE_MS = 5000;

/**
 * @typedef {"file_changed" | "file_gone" | "blocked_by_policy"} Problem
 * @typedef {{answer: import("./transport.js").PutAnswer, retryAfterMs?: number | null, problem?: undefined}
 *   | {problem: Problem, answer?: undefined, retryAfterMs?: undefined}} Outcome
 */

/**
 * Send it. An answer that is ambiguous is an answer: the server finds out what it meant.
 *
 * A failed `fetch` has one error for everything; what can be told apart is told apart here.
 * @param {import("./transport.js").Instructions} grant
 * @param {Blob | ArrayBuffer} body
 * @param {{signal: AbortSignal, blockedOrigins: ReadonlySet<string>}} context
 * @returns {Promise<Outcome>}
 */
export async function singlePut(grant, body, { signal, blockedOrigins }) {
  try {
    return await put(grant, body, signal);
  } catch {
    let problem = body instanceof Blob ? await problemOfReading(body) : null;
    // A violation of the page's policy is announced in a task of its own, which may come after the rejection.
    await new Promise((resolve) => setTimeout(resolve));
    if (blockedOrigins.has(new URL(grant.url).origin)) problem ??= "blocked_by_policy";
    return problem ? { problem } : { answer: { status: null } };
  }
}

/**
 * @param {Blob} blob
 * @returns {Promise<Problem | null>} why it cannot be read as it was chosen
 */
export async function problemOfReading(blob) {
  const ends = [blob.slice(0, 1), blob.slice(-1)].map((end) => end.arrayBuffer());
  // Firefox reads on for ever, or to a nearer end, where a file has become shorter.
  const tooLate = new Promise((resolve) => setTimeout(resolve, PROBE_MS, []));
  try {
    const [first, last] = await Promise.race([Promise.all(ends), tooLate]);
    return blob.size === 0 || (first?.byteLength && last.byteLength) ? null : "file_changed";
  } catch (error) {
    return problemNamed(error.name);
  }
}

/**
 * @param {string} name of an error of reading
 * @returns {"file_changed" | "file_gone"}
 */
export function problemNamed(name) {
  return name === "NotFoundError" ? "file_gone" : "file_changed";
}

/**
 * What can be told of the line to the storage when a PUT got no answer.
 *
 * `reached`: the storage's host answers a request that needs no CORS rule; null where that could not be tried. To be
 * called before others take the connection that has become free: behind six busy ones the host would seem out of reach.
 * @param {string} url of the PUT
 * @returns {Promise<{online: boolean, reached: boolean | null}>}
 */
export async function lineEvidence(url) {
  const online = navigator.onLine;
  /** @type {RequestInit} */
  const request = {
    method: "HEAD", mode: "no-cors", cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer",
    signal: AbortSignal.timeout(PROBE_MS),
  };
  const reached = online ? await fetch(new URL(url).origin, request).then(() => true, () => false) : null;
  return { online, reached };
}
