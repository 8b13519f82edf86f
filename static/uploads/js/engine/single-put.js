/** One request with a file or a part of it, and what a missing answer means. */

import { lineEvidence } from "./line.js";
import { put, withinTime } from "./transport.js";

const READ_MS = 5000;

/**
 * @typedef {"file_changed" | "file_gone" | "blocked_by_policy"} Problem
 * @typedef {{answer: import("./transport.js").PutAnswer, retryAfterMs?: number | null, problem?: undefined}
 *   | {problem: Problem, answer?: undefined, retryAfterMs?: undefined}} Outcome
 */

/**
 * Send it. An answer that is ambiguous is an answer: the server finds out what it meant.
 * @param {import("./transport.js").Instructions} grant
 * @param {Blob | ArrayBuffer} body
 * @param {{signal: AbortSignal, limitMs: number, blockedOrigins: ReadonlySet<string>}} context
 * @returns {Promise<Outcome>}
 */
export async function singlePut(grant, body, { signal, limitMs, blockedOrigins }) {
  try {
    return await put(grant, body, { signal, limitMs });
  } catch {
    const problem = signal.aborted ? null : await problemWith(grant, body, blockedOrigins);
    if (problem || signal.aborted) return problem ? { problem } : { answer: { status: null } };
    return { answer: { status: null, evidence: JSON.stringify(await lineEvidence(grant.url, { signal })) } };
  }
}

/**
 * A failed `fetch` has one error for everything; what can be told apart is told apart here.
 * @param {import("./transport.js").Instructions} grant
 * @param {Blob | ArrayBuffer} body
 * @param {ReadonlySet<string>} blockedOrigins
 * @returns {Promise<Problem | null>}
 */
async function problemWith(grant, body, blockedOrigins) {
  const problem = body instanceof Blob ? await problemOfReading(body) : null;
  // A violation of the page's policy is announced in a task of its own, which may come after the rejection.
  await new Promise((resolve) => setTimeout(resolve, 0));
  return problem ?? (blockedOrigins.has(new URL(grant.url).origin) ? "blocked_by_policy" : null);
}

/**
 * @param {Blob} blob
 * @returns {Promise<"file_changed" | "file_gone" | null>} why it cannot be read as it was chosen
 */
export async function problemOfReading(blob) {
  const ends = [blob.slice(0, 1), blob.slice(-1)].map((end) => end.arrayBuffer());
  try {
    // Firefox reads on for ever, or to a nearer end, where a file has become shorter.
    const read = await withinTime(READ_MS, undefined, (signal) => {
      /** @type {Promise<never>} */
      const tooLate = new Promise((_, reject) => signal.addEventListener("abort", reject));
      return Promise.race([Promise.all(ends), tooLate]);
    });
    return read.every(({ byteLength }) => byteLength > 0) || blob.size === 0 ? null : "file_changed";
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
