/** What can go wrong between the page and its own server. */

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
