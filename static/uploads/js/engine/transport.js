/** One `fetch` PUT to the storage: exactly the granted headers, a file or a part as the body, an end when it hangs. */

import { readOssError } from "../lib/oss-error.js";

const PATIENCE_MS = 30_000;
const SLOWEST_BYTES_PER_SECOND = 16 * 1024;

/**
 * @typedef {{method: string, url: string, headers: Record<string, string>}} Instructions
 * @typedef {{status: number | null, code?: string, ec?: string, request_id?: string, etag?: string,
 *   evidence?: string}} PutAnswer
 */

/**
 * `fetch` tells nothing about progress: the limit follows from the size, and from what the line gets through.
 * @param {number} sizeBytes
 * @param {number | null} rate in bytes per second
 * @returns {number}
 */
export function timeLimitMs(sizeBytes, rate = null) {
  return PATIENCE_MS + (rate === null ? sizeBytes / SLOWEST_BYTES_PER_SECOND : (4 * sizeBytes) / rate) * 1000;
}

/**
 * Rejects when no answer came: with a TypeError for network and CORS alike, with an AbortError when stopped.
 * @param {Instructions} grant
 * @param {Blob | ArrayBuffer} body
 * @param {{signal: AbortSignal, limitMs: number}} limits
 * @returns {Promise<{answer: PutAnswer, retryAfterMs: number | null}>}
 */
export function put(grant, body, { signal, limitMs }) {
  return withinTime(limitMs, signal, async (signal) => {
    const response = await fetch(grant.url, {
      method: grant.method,
      // Not one header more: OSS signs any Content-Type that arrives, so the browser's own guess would be a 403.
      // No `cache` option either: it makes the browser send Cache-Control, which OSS would keep with the object.
      headers: grant.headers,
      body,
      credentials: "omit",
      referrerPolicy: "no-referrer",
      redirect: "error",
      signal,
    });
    return { answer: await answerOf(response), retryAfterMs: retryAfterMs(response) };
  });
}

/**
 * Run something that takes a signal, which fires when the time is up or when `outer` fires: an end for what might
 * otherwise hang. (Firefox never settles a PUT whose file has shrunk.)
 * @template T
 * @param {number} limitMs
 * @param {AbortSignal | undefined} outer
 * @param {(signal: AbortSignal) => Promise<T>} run
 * @returns {Promise<T>}
 */
export async function withinTime(limitMs, outer, run) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, limitMs);
  if (outer?.aborted) abort();
  outer?.addEventListener("abort", abort);
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", abort);
  }
}

/**
 * @param {Response | undefined} response
 * @returns {number | null} how long a busy server wants to be left alone, where that can be read
 */
export function retryAfterMs(response) {
  const seconds = Number.parseInt(response?.headers.get("Retry-After") ?? "", 10);
  return Number.isNaN(seconds) ? null : Math.min(Math.max(seconds, 0), 600) * 1000;
}

/**
 * @param {Response} response
 * @returns {Promise<PutAnswer>}
 */
async function answerOf(response) {
  const said = response.status >= 400 ? await readOssError(response) : {};
  const etag = response.headers.get("ETag");
  const requestId = response.headers.get("x-oss-request-id");
  return {
    ...said,
    status: response.status,
    ...(etag && { etag }),
    ...(requestId && { request_id: requestId }),
  };
}
