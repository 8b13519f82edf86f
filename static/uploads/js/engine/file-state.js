/** The state of one file, where it may go from there, and what the server has said of it. */

/**
 * @typedef {"waiting" | "sending" | "paused" | "checking" | "sent" | "stored" | "failed" | "mismatch" | "cancelled"} State
 * @typedef {{code: string, message: string}} Cause
 */

/** Where a file may go from each state. @type {Record<State, State[]>} */
const MOVES = {
  waiting: ["sending", "paused", "checking", "stored", "failed", "mismatch", "cancelled"],
  sending: ["waiting", "paused", "checking", "failed", "cancelled"],
  paused: ["waiting", "failed", "cancelled"],
  checking: ["waiting", "sent", "stored", "failed", "mismatch", "cancelled"],
  sent: ["waiting", "stored", "failed", "mismatch", "cancelled"],
  stored: ["mismatch"],
  failed: ["waiting", "stored"],
  mismatch: ["waiting"],
  cancelled: ["waiting", "checking", "stored", "mismatch"],
};

export class FileState {
  id = "";
  name = "";
  /** @type {State} */
  state = "waiting";
  /** @type {Cause | null} */
  cause = null;
  /** How it may be sent again: with the same id, with a new one, or not at all. @type {"same" | "new" | null} */
  retry = null;
  /** Whether the server will not take it, though nothing went wrong. */
  isRefused = false;
  nameWasCleaned = false;
  /** @type {Date | null} */
  storedAt = null;
  /** Called when it moves, and with the state that it has when only details change. */
  onMove = (/** @type {any} */ _upload, /** @type {State} */ _from) => {};

  /** @returns {boolean} whether there is still something to stop */
  get canCancel() {
    return this.canPause || this.canResume;
  }

  get canPause() {
    return this.state === "waiting" || this.state === "sending";
  }

  get canResume() {
    return this.state === "paused";
  }

  get canRemove() {
    return ["failed", "mismatch", "cancelled"].includes(this.state);
  }

  get canRetry() {
    return this.retry !== null && this.canRemove;
  }

  /** @param {State} state */
  move(state) {
    if (!MOVES[this.state].includes(state)) throw new Error(`Unexpected move from ${this.state} to ${state}`);
    const from = this.state;
    this.state = state;
    this.onMove(this, from);
  }

  /** Details changed; the state did not. */
  touch() {
    this.onMove(this, this.state);
  }

  /**
   * @param {Cause} cause
   * @param {"same" | "new" | null} retry
   */
  fail(cause, retry) {
    Object.assign(this, { cause, retry });
    this.move("failed");
  }

  /**
   * The server's word on what was sent before. A file that is under way again is not touched by late answers.
   * @param {import("./grants-api.js").Status} status
   */
  hear(status) {
    if (!this.canCancel) this.settle(status);
  }

  /**
   * Take the server's word, as far as it can follow from the present state.
   * @param {import("./grants-api.js").Status} status
   */
  settle(status) {
    const state = /** @type {State} */ (status.file_state);
    const isPossible = state === this.state || (state !== "waiting" && MOVES[this.state].includes(state));
    if (status.id !== this.id || !isPossible) return;
    this.rename(status);
    this.retry = status.retry ?? null;
    this.cause = status.cause ?? null;
    this.storedAt = status.stored_at ? new Date(status.stored_at) : null;
    if (state === this.state) this.touch();
    else this.move(state);
  }

  /**
   * The name as the server shows it.
   * @param {{name?: string, name_was_cleaned?: boolean}} shown
   */
  rename({ name = this.name, name_was_cleaned: nameWasCleaned = this.nameWasCleaned }) {
    Object.assign(this, { name, nameWasCleaned });
  }
}
