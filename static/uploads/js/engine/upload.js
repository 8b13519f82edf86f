/** One file on its way: its state, what was agreed for it, and why it ended. */

import { newUuid } from "../lib/ids.js";

/**
 * @typedef {"waiting" | "sending" | "paused" | "checking" | "sent" | "stored" | "failed" | "mismatch" | "cancelled"} State
 * @typedef {{code: string, message: string}} Cause
 */

/** Where a file may go from each state. @type {Record<State, State[]>} */
const MOVES = {
  waiting: ["sending", "paused", "checking", "stored", "failed", "mismatch", "cancelled"],
  sending: ["paused", "checking", "failed", "cancelled"],
  paused: ["waiting", "checking", "stored", "failed", "mismatch", "cancelled"],
  checking: ["sent", "stored", "failed", "mismatch", "cancelled"],
  sent: ["stored", "failed", "mismatch", "cancelled"],
  stored: ["mismatch"],
  failed: ["waiting", "stored"],
  mismatch: ["waiting"],
  cancelled: ["waiting", "checking", "stored", "mismatch"],
};

export class Upload {
  id = newUuid();
  /** @type {State} */
  state = "waiting";
  /** @type {Cause | null} */
  cause = null;
  /** How it may be sent again: with the same id, with a new one, or not at all. @type {"same" | "new" | null} */
  retry = null;
  /** @type {string | undefined} */
  retryOf;
  /** @type {import("./grant.js").Grant | null} */
  grant = null;
  /** Whether the server will not take it, though nothing went wrong. */
  isRefused = false;
  sentBytes = 0;
  rate = null;
  leftSeconds = null;
  wasContinued = false;
  wasChosenTwice = false;
  nameWasCleaned = false;
  /** Whether the storage has taken the bytes, as far as the browser could see. */
  wasTaken = false;
  /** @type {Date | null} */
  startedAt = null;
  /** @type {Date | null} */
  storedAt = null;
  #onMove;

  /**
   * @param {File} file
   * @param {(upload: Upload, from: State) => void} onMove also called when only details changed
   */
  constructor(file, onMove = () => {}, path = "") {
    this.file = file;
    this.path = path;
    this.name = file.name;
    this.#onMove = onMove;
  }

  /** @returns {boolean} whether something will happen to it by itself */
  get isMoving() {
    return ["waiting", "sending", "checking", "sent"].includes(this.state);
  }

  /** @returns {boolean} whether there is still something to stop */
  get canCancel() {
    return ["waiting", "sending", "paused"].includes(this.state);
  }

  get canPause() {
    return this.state === "waiting" || this.state === "sending";
  }

  get canResume() {
    return this.state === "paused";
  }

  get canRetry() {
    return this.retry !== null && ["failed", "mismatch", "cancelled"].includes(this.state);
  }

  /** @param {State} state */
  move(state) {
    if (!MOVES[this.state].includes(state)) throw new Error(`Unexpected move from ${this.state} to ${state}`);
    const from = this.state;
    this.state = state;
    this.#onMove(this, from);
  }

  /**
   * @param {Cause} cause
   * @param {"same" | "new" | null} retry
   */
  fail(cause, retry) {
    this.cause = cause;
    this.retry = retry;
    this.move("failed");
  }

  /** Put it into the queue again. */
  restart() {
    if (this.retry === "new") {
      this.retryOf = this.id;
      this.id = newUuid();
    }
    Object.assign(this, { cause: null, retry: null, grant: null, isRefused: false, wasTaken: false, startedAt: null });
    if (this.state === "waiting") this.touch();
    else this.move("waiting");
  }

  /**
   * The server's word on what was sent before. A file that is under way again is not touched by late answers.
   * @param {import("./grants-api.js").Status} status
   */
  hear(status) {
    if (this.state !== "waiting" && this.state !== "sending") this.settle(status);
  }

  /**
   * Take the server's word, as far as it can follow from the present state.
   * @param {import("./grants-api.js").Status} status
   */
  settle(status) {
    const state = /** @type {State} */ (status.file_state);
    if (status.id !== this.id || (state !== this.state && !MOVES[this.state].includes(state))) return;
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
    this.name = name;
    this.nameWasCleaned = nameWasCleaned;
  }

  /** Details changed; the state did not. */
  touch() {
    this.#onMove(this, this.state);
  }
}
