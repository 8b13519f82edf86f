/** The state of one file, where it may go from there, and what the server has said of it. */

/**
 * @typedef {"waiting" | "sending" | "paused" | "checking" | "sent" | "stored" | "failed" | "mismatch" | "cancelled"} State
 * @typedef {{code: string, message?: string}} Cause
 */

/** Where a file may go from each state. @type {Record<State, State[]>} */
const MOVES = {
  waiting: ["sending", "paused", "checking", "failed", "cancelled"],
  sending: ["waiting", "paused", "checking", "failed", "cancelled"],
  paused: ["waiting", "failed", "cancelled"],
  checking: ["waiting", "sent", "stored", "failed", "mismatch", "cancelled"],
  sent: ["waiting", "stored", "failed", "mismatch", "cancelled"],
  stored: ["mismatch"],
  failed: ["waiting", "stored"],
  mismatch: ["waiting"],
  cancelled: ["waiting", "checking", "stored", "mismatch"],
};
/** Kinds of causes that do not get better by being tried again. */
const FINAL = /^file_|_(invalid|closed|refused|conflict)$|too_(long|large|many)$/;

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
  onMove = (/** @type {State} */ _from) => {};

  /** @returns {boolean} whether there is still something to stop */
  get canCancel() {
    return this.canPause || this.canResume;
  }

  get canPause() {
    return ["waiting", "sending"].includes(this.state);
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

  /** @returns {boolean} whether its last word is the server's to say */
  get isOpen() {
    return ["checking", "sent"].includes(this.state);
  }

  /** @returns {boolean} whether it is not any more what was chosen */
  get hasChanged() {
    return ["file_changed", "file_gone"].includes(this.cause?.code ?? "");
  }

  /** @param {State} state where it stays in its state, only details change */
  move(state = this.state) {
    const from = this.state;
    if (state !== from && !MOVES[from].includes(state)) throw new Error(`Unexpected move from ${from} to ${state}`);
    this.state = state;
    this.onMove(from);
  }

  /**
   * @param {Cause} cause
   * @param {"same" | "new" | null} retry
   */
  fail({ code, message = "" }, retry = FINAL.test(code) ? null : "same") {
    Object.assign(this, { cause: { code, message }, retry });
    this.move("failed");
  }

  /**
   * The server's word on what was sent, as far as it can follow from the present state. A file that is under way again
   * is not touched by late answers.
   * @param {import("./grants-api.js").Status} status
   */
  hear(status) {
    const state = /** @type {State} */ (status.file_state);
    const isPossible = state === this.state || (state !== "waiting" && MOVES[this.state].includes(state));
    if (status.id !== this.id || this.canCancel || !isPossible) return;
    this.rename(status);
    this.retry = status.retry ?? null;
    this.cause = status.cause ?? null;
    this.storedAt = status.stored_at ? new Date(status.stored_at) : null;
    this.move(state);
  }

  /**
   * The name as the server shows it.
   * @param {{name?: string, name_was_cleaned?: boolean}} shown
   */
  rename({ name = this.name, name_was_cleaned: nameWasCleaned = this.nameWasCleaned }) {
    Object.assign(this, { name, nameWasCleaned });
  }
}
