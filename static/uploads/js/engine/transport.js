/** One `fetch` PUT to the storage: exactly the granted headers, a file or a part as the body, an end when it hangs. */

import { readOssError } from "../lib/oss-error.js";

/**
 * @typedef {{method: string, url: string, headers: Record<string, string>}} Instructions
 * @typedef {{status: number | null, code?: string, ec?: string, request_id?: string, etag?: string,
 *   evidence?: string}} PutAnswer
 */

/**
 * Rejects when no answer came: with a TypeError for network and CORS alike, with an AbortError when stopped.
 * @param {Instructions} grant
 * @param {Blob | ArrayBuffer} body
 * @param {AbortSignal} signal
 * @returns {Promise<{answer: PutAnswer, retryAfterMs: number | null}>}
 */
export async function put({ method, url, headers }, body, signal) {
  const response = await fetch(url, {
    method,
    // Not one header more: OSS signs any Content-Type that arrives, so the browser's own guess would be a 403.
    // No `cache` option either: it makes the browser send Cache-Control, which OSS would keep with the object.
    headers,
    body,
    credentials: "omit",
    referrerPolicy: "no-referrer",
    redirect: "error",
    signal,
  });
  return { answer: await answerOf(response), retryAfterMs: retryAfterMs(response) };
}

/**
 * @param {Response | undefined} response
 * @returns {number | null} how long a busy server wants to be left alone, where that can be read
 */
export function retryAfterMs(response) {
  const seconds = Number.parseInt(response?.headers.get("Retry-After") ?? "", 10);
  return seconds >= 0 ? Math.min(seconds, 600) * 1000 : null;
}

/**
 * @param {Response} response
 * @returns {Promise<PutAnswer>}
 */
async function answerOf(response) {
  const { status, headers } = response;
  /** @type {Partial<PutAnswer>} */
  const said = status < 400 ? {} : await readOssError(response);
  const etag = headers.get("ETag") ?? undefined;
  return { ...said, status, etag, request_id: headers.get("x-oss-request-id") ?? said.request_id };
}
