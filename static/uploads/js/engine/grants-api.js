/** The JSON endpoints of an upload page. Every call is idempotent and is repeated until it is answered. */

import { retryAfterMs } from "./transport.js";

/** The server answers within about 2.5 s, a slow line not counted. */
const LIMIT_MS = 30_000;
/** What the items of a call are named in its body, where they are not `files`. @type {Record<string, string>} */
const ITEMS = { results: "results", status: "ids", cancel: "ids" };

/**
 * @typedef {{id: string, error: {code: string, message: string}, missing?: [number, number][]}} Refusal
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
   * Ask about many files at once: `grants` takes Asked and gives Issued, `results` takes Results, `status` and
   * `cancel` take ids, `parts` takes AskedParts and gives them signed and, where asked, what the storage has,
   * `complete` takes `{id, crc64}` of files whose parts were all sent. Instead, and for all others: a Status or a
   * Refusal.
   * @param {"grants" | "results" | "status" | "cancel" | "parts" | "complete"} name of the endpoint
   * @param {any[]} items
   * @returns {Promise<any[]>} in the order of the items
   */
  ask(name, items) {
    return this.#patience.until(() => listIn(this.#send(name, items, { signal: AbortSignal.timeout(LIMIT_MS) })));
  }

  /**
   * Last words of a page that is being left. Nobody waits for the answer, and nothing depends on it.
   * @param {Result[]} results
   */
  leave(results) {
    this.#send("results", results, { keepalive: true }).catch(() => {});
  }

  /**
   * @param {string} name
   * @param {any[]} items
   * @param {RequestInit} more
   */
  #send(name, items, more) {
    const headers = { "Content-Type": "application/json", "X-Upload-Key": this.#key };
    const body = JSON.stringify({ [ITEMS[name] ?? "files"]: items });
    return fetch(this.#base + name, { method: "POST", headers, body, ...more });
  }
}

/** @param {Promise<Response>} asked */
async function listIn(asked) {
  let response;
  let body;
  try {
    response = await asked;
    body = await response.json();
  } catch {
    // No network, our time limit, or a proxy's page in HTML: none of them is a word of our server.
  }
  const [list] = Object.values(body ?? {});
  if (response?.ok && Array.isArray(list)) return list;
  const { code = "unreachable", message = "" } = body?.error ?? {};
  throw new ApiError(code, message, { status: response?.status, retryAfterMs: retryAfterMs(response) });
}

/** The server refused a whole call, or could not be reached. */
export class ApiError extends Error {
  /**
   * @param {string} code the server's, or `unreachable` for no answer that can be read
   * @param {string} message a sentence for the visitor, or empty
   * @param {{status?: number | null, retryAfterMs?: number | null}} answer
   */
  constructor(code, message, { status = null, retryAfterMs = null } = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  /** @returns {boolean} whether the same call may have another answer later */
  get isRetryable() {
    return this.code === "unreachable" || this.status === 429 || (this.status ?? 0) >= 500;
  }
}
