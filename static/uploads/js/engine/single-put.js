/** A whole file in one PUT, and what a missing answer means. */

import { lineEvidence } from "./line.js";
import { put } from "./transport.js";

/**
 * @typedef {{answer: import("./transport.js").PutAnswer, problem?: undefined}
 *   | {problem: "file_changed" | "file_gone" | "blocked_by_policy", answer?: undefined}} Outcome
 */

/**
 * Send the file. An answer that is ambiguous is an answer: the server finds out what it meant.
 * @param {import("./transport.js").Instructions} grant
 * @param {File} file
 * @param {{signal: AbortSignal, blockedOrigins: ReadonlySet<string>}} context
 * @returns {Promise<Outcome>}
 */
export async function singlePut(grant, file, { signal, blockedOrigins }) {
  try {
    return { answer: await put(grant, file, signal) };
  } catch {
    const problem = signal.aborted ? null : await problemWith(grant, file, blockedOrigins);
    if (problem || signal.aborted) return problem ? { problem } : { answer: { status: null } };
    return { answer: { status: null, evidence: JSON.stringify(await lineEvidence(grant.url, { signal })) } };
  }
}

/**
 * A failed `fetch` has one error for everything; what can be told apart is told apart here.
 * @param {import("./transport.js").Instructions} grant
 * @param {File} file
 * @param {ReadonlySet<string>} blockedOrigins
 * @returns {Promise<"file_changed" | "file_gone" | "blocked_by_policy" | null>}
 */
async function problemWith(grant, file, blockedOrigins) {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch (error) {
    return error.name === "NotFoundError" ? "file_gone" : "file_changed";
  }
  // A violation of the page's policy is announced in a task of its own, which may come after the rejection.
  await new Promise((resolve) => setTimeout(resolve, 0));
  return blockedOrigins.has(new URL(grant.url).origin) ? "blocked_by_policy" : null;
}
