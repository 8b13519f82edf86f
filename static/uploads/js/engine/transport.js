/** One `fetch` PUT to the storage: exactly the granted headers, the file as the body, an end for a line that hangs. */

import { readOssError } from "../lib/oss-error.js";

const PATIENCE_MS = 30_000;
const SLOWEST_BYTES_PER_SECOND = 16 * 1024;

/**
 * @typedef {{method: string, url: string, headers: Record<string, string>}} Instructions
 * @typedef {{status: number | null, code?: string, ec?: string, request_id?: string, etag?: string,
 *   evidence?: string}} PutAnswer
 */

/**
 * `fetch` tells nothing about progress: the limit follows from the size at the slowest rate worth waiting for.
 * @param {number} sizeBytes
 * @returns {number}
 */
export function timeLimitMs(sizeBytes) {
  return PATIENCE_MS + (sizeBytes / SLOWEST_BYTES_PER_SECOND) * 1000;
}

/**
 * Rejects when no answer came: with a TypeError for network and CORS alike, with an AbortError when stopped.
 * @param {Instructions} grant
 * @param {File} file
 * @param {AbortSignal} signal
 * @returns {Promise<PutAnswer>}
 */
export function put(grant, file, signal) {
  return withinTime(timeLimitMs(file.size), signal, async (signal) => {
    const response = await fetch(grant.url, {
      method: grant.method,
      // Not one header more: OSS signs any Content-Type that arrives, so the browser's own guess would be a 403.
      // No `cache` option either: it makes the browser send Cache-Control, which OSS would keep with the object.
      headers: grant.headers,
      body: file,
      credentials: "omit",
      referrerPolicy: "no-referrer",
      redirect: "error",
      signal,
    });
    return answerOf(response);
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
