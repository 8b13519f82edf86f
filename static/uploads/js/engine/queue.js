/** What the visitor does with the files: sends, pauses, cancels and retries them, each or all. */

import { Checksums } from "./checksum.js";
import { Scheduler } from "./scheduler.js";
import { Visit } from "./visit.js";

/** @typedef {import("./upload.js").Upload} Upload */

export class Queue extends Visit {
  #checksums;
  #scheduler;

  /**
   * @param {import("./grants-api.js").GrantsApi} api
   * @param {{patience: import("./retry.js").Patience, memory: import("./memory.js").Memory, checksumWorker?: string}} options
   *   without the URL of a worker, large files go without a checksum
   */
  constructor(api, { patience, memory, checksumWorker }) {
    super(memory);
    this.#checksums = new Checksums(checksumWorker);
    this.#scheduler = new Scheduler(api, { patience, checksums: this.#checksums });
    this.lanes = this.#scheduler.lanes;
    this.reports = this.#scheduler.reports;
  }

  /** @returns {boolean} whether something would be lost with the page */
  get isMoving() {
    return this.tally.files("waiting", "sending") > 0 || this.reports.areUnsaid;
  }

  /** @returns {boolean} whether everything that could move is paused */
  get isPaused() {
    return this.tally.files("paused") > 0 && this.tally.files("waiting", "sending") === 0;
  }

  /** @param {Upload} upload */
  enter(upload) {
    super.enter(upload);
    this.#scheduler.add(upload);
  }

  /** @param {Upload} upload */
  retry(upload) {
    if (!upload.canRetry) return;
    upload.restart();
    this.#scheduler.add(upload);
  }

  /** Send all that failed once more. */
  retryAll() {
    for (const upload of this.uploads) if (upload.state !== "cancelled") this.retry(upload);
  }

  /** @param {Upload} upload */
  pause(upload) {
    if (upload.canPause) this.#stop(upload, "paused");
  }

  pauseAll() {
    for (const upload of this.#fromTheEnd()) this.pause(upload);
  }

  /** @param {Upload} upload */
  resume(upload) {
    if (!upload.canResume) return;
    upload.move("waiting");
    this.#scheduler.add(upload);
  }

  resumeAll() {
    for (const upload of this.uploads) this.resume(upload);
  }

  /** @param {Upload} upload */
  cancel(upload) {
    if (!upload.canCancel) return;
    this.#stop(upload, "cancelled");
    // Without a grant yet, the supply will say so when one comes.
    if (upload.isGranted) this.reports.cancelled(upload);
  }

  /** Stop all that can be stopped. */
  cancelAll() {
    for (const upload of this.#fromTheEnd()) this.cancel(upload);
  }

  /** @param {Upload} upload */
  remove(upload) {
    // It could have been sent again under the same grant, which nobody will do now.
    if (upload.state === "failed" && upload.isGranted) this.reports.cancelled(upload);
    super.remove(upload);
  }

  /**
   * @param {Upload} upload
   * @param {import("./file-state.js").State} from
   */
  moved(upload, from) {
    super.moved(upload, from);
    if (upload.state === "mismatch") this.#explain(upload);
  }

  /**
   * What arrived is not what was sent. Perhaps that is not what is on the disk any more.
   * @param {Upload} upload
   */
  async #explain(upload) {
    if (!(await this.#checksums.hasChanged(upload)) || upload.state !== "mismatch") return;
    Object.assign(upload, { cause: { code: "file_changed", message: "" }, retry: null });
    upload.move();
  }

  /**
   * @param {Upload} upload
   * @param {"paused" | "cancelled"} state
   */
  #stop(upload, state) {
    this.#scheduler.stop(upload);
    upload.move(state);
  }

  /** Where those that are being sent make room, none must begin that is stopped next. */
  #fromTheEnd() {
    const isSending = (/** @type {Upload} */ { state }) => +(state === "sending");
    return [...this.uploads].sort((one, other) => isSending(one) - isSending(other));
  }
}
