/** The JSON endpoints of an upload page. Every call is idempotent and is repeated until it is answered. */

import { ApiError } from "./errors.js";
import { retryAfterMs, withinTime } from "./transport.js";

/** The server answers within about 2.5 s, a slow line not counted. */
const LIMIT_MS = 30_000;

/**
 * @typedef {{id: string, error: {code: string, message: string}}} Refusal
 * @typedef {{id: string, file_state: string, name?: string, name_was_cleaned?: boolean, stored_at?: string,
 *   retry?: "same" | "new" | null, cause?: {code: string, message: string}}} Status
 * @typedef {Status & {method: string, url?: string, headers: Record<string, string>, expires_in: number,
 *   part_unit?: number}} Issued
 * @typedef {{id: string, name: string, size: number, type: string, path?: string, retry_of?: string}} Asked
 * @typedef {{id: string, parts: {offset: number, size: number}[], list?: boolean}} AskedParts
 * @typedef {{id: string, status: number | null, code?: string, ec?: string, request_id?: string, etag?: string,
 *   crc64?: string | null, evidence?: string}} Result
 */

export class GrantsApi {
  #base;
  #key;
  #patience;

  /**
   * @param {{base: string, key: string, patience: import("./retry.js").Patience}} options
   */
  constructor({ base, key, patience }) {
    this.#base = base;
    this.#key = key;
    this.#patience = patience;
  }

  /**
   * @param {Asked[]} files
   * @returns {Promise<(Issued | Status | Refusal)[]>} in the order of the files
   */
  grants(files) {
    return this.#ask("grants", { files }, "grants");
  }

  /**
   * @param {Result[]} results
   * @returns {Promise<(Status | Refusal)[]>}
   */
  results(results) {
    return this.#ask("results", { results }, "results");
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<(Status | Refusal)[]>}
   */
  status(ids) {
    return this.#ask("status", { ids }, "grants");
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<(Status | Refusal)[]>}
   */
  cancel(ids) {
    return this.#ask("cancel", { ids }, "grants");
  }

  /**
   * @param {AskedParts[]} files
   * @returns {Promise<any[]>} each with signed parts and, where asked, what the storage has; or a status or a refusal
   */
  parts(files) {
    return this.#ask("parts", { files }, "files");
  }

  /**
   * @param {{id: string, crc64?: string}[]} files whose parts were all sent
   * @returns {Promise<any[]>} statuses, or refusals that may name what is missing
   */
  complete(files) {
    return this.#ask("complete", { files }, "files");
  }

  /**
   * Last words of a page that is being left. Nobody waits for the answer, and nothing depends on it.
   * @param {Result[]} results
   */
  leave(results) {
    fetch(this.#base + "results", { ...this.#request({ results }), keepalive: true }).catch(() => {});
  }

  /**
   * @param {string} name of the endpoint
   * @param {object} body
   * @param {string} list where the answer has one item for each that was asked about
   * @returns {Promise<any[]>}
   */
  #ask(name, body, list) {
    const request = this.#request(body);
    return this.#patience.until(async () => {
      const answer = await withinTime(LIMIT_MS, undefined, (signal) =>
        answerOf(this.#base + name, { ...request, signal }),
      );
      if (!Array.isArray(answer?.[list])) throw new ApiError("unreachable", "");
      return answer[list];
    });
  }

  /** @param {object} body */
  #request(body) {
    const headers = { "Content-Type": "application/json", "X-Upload-Key": this.#key };
    return { method: "POST", headers, body: JSON.stringify(body) };
  }
}

/**
 * @param {string} url
 * @param {RequestInit} request
 */
async function answerOf(url, request) {
  let response;
  let body;
  try {
    response = await fetch(url, request);
    body = await response.json();
  } catch {
    // No network, our time limit, or a proxy's page in HTML: none of them is a word of our server.
    throw new ApiError("unreachable", "", { status: response?.status, retryAfterMs: retryAfterMs(response) });
  }
  if (response.ok) return body;
  const { code = "unreachable", message = "" } = body?.error ?? {};
  throw new ApiError(code, message, { status: response.status, retryAfterMs: retryAfterMs(response) });
}
