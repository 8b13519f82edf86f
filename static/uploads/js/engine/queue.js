/** The files of one visit, in their order, and what becomes of each. */

import { Checksums } from "./checksum.js";
import { Outcomes } from "./outcomes.js";
import { leftSeconds, Speed } from "./progress.js";
import { Patience } from "./retry.js";
import { Scheduler } from "./scheduler.js";
import { Selection } from "./selection.js";
import { Tally } from "./tally.js";
import { Upload } from "./upload.js";

/** After a longer standstill the speed is measured anew. */
const STANDSTILL_MS = 2000;

/** Emits `upload:added`, `:changed`, `:progress` and `:removed`, each with `detail.upload`, and `upload:history`. */
export class Queue extends EventTarget {
  /** @type {Set<Upload>} */
  uploads = new Set();
  tally = new Tally();
  #selection = new Selection();
  #speed = new Speed(0);
  #stoppedAt = 0;
  /** Of these some parts have arrived. @type {Set<Upload>} */
  #begun = new Set();
  #memory;
  #outcomes;
  #scheduler;

  /**
   * @param {import("./grants-api.js").GrantsApi} api
   * @param {{patience?: Patience, checksumWorker?: string | null, memory?: import("./memory.js").Memory}} options
   *   without the URL of a worker, large files go without a checksum
   */
  constructor(api, { patience = new Patience(), checksumWorker = null, memory } = {}) {
    super();
    this.#memory = memory;
    this.#outcomes = new Outcomes(api, {
      patience,
      checksums: new Checksums(checksumWorker),
      go: {
        on: (upload) => this.#scheduler.add(upload),
        stop: (upload) => this.#scheduler.stop(upload),
        sent: (upload, bytes) => this.#sent(upload, bytes),
      },
    });
    this.#scheduler = new Scheduler(api, this.#outcomes);
  }

  get reports() {
    return this.#outcomes.reports;
  }

  get lanes() {
    return this.#scheduler.lanes;
  }

  /** What this browser sent to this page before, or began to: what was chosen again is not among it. */
  get history() {
    return this.#memory?.before ?? [];
  }

  /** @returns {boolean} whether something would be lost with the page */
  get isMoving() {
    return this.tally.files("waiting", "sending") > 0 || this.reports.areUnsaid;
  }

  /** @returns {boolean} whether everything that could move is paused */
  get isPaused() {
    return this.tally.files("paused") > 0 && this.tally.files("waiting", "sending") === 0;
  }

  /** What is still to come is not guessed at: sent is what the storage has answered for. */
  get progress() {
    const isSent = this.tally.bytes("checking", "sent", "stored");
    const sentBytes = [...this.#begun].reduce((sum, upload) => sum + upload.sentBytes, isSent);
    const totalBytes = isSent + this.tally.bytes("waiting", "sending", "paused");
    const rate = this.tally.files("sending") > 0 ? this.#speed.rate(performance.now()) : null;
    return { sentBytes, totalBytes, rate, leftSeconds: leftSeconds(totalBytes - sentBytes, rate) };
  }

  /** @param {Iterable<{file: File, path: string}>} entries */
  add(entries) {
    for (const { file, path } of entries) {
      const upload = new Upload(file, path);
      const known = this.#selection.find(upload);
      if (known?.isMoving || known?.canCancel || known?.state === "stored") {
        known.wasChosenTwice = true;
        known.touch();
      } else {
        if (known) this.remove(known);
        this.#enter(upload);
      }
    }
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
    if (!upload.canPause) return;
    this.#scheduler.stop(upload);
    upload.move("paused");
    this.#scheduler.pump();
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
    this.#scheduler.stop(upload);
    upload.move("cancelled");
    // Without a grant yet, the supply will say so when one comes.
    if (upload.isGranted) this.reports.cancelled(upload);
    this.#scheduler.pump();
  }

  /** Stop all that can be stopped. */
  cancelAll() {
    for (const upload of this.#fromTheEnd()) this.cancel(upload);
  }

  /**
   * Take a file off the list.
   * @param {Upload} upload
   */
  remove(upload) {
    if (upload.isMoving || upload.canCancel || upload.state === "stored") return;
    // It could have been sent again under the same grant, which nobody will do now.
    if (upload.state === "failed" && upload.isGranted) this.reports.cancelled(upload);
    this.#selection.delete(upload);
    this.uploads.delete(upload);
    this.tally.move(upload, upload.state, null);
    this.#emit("removed", upload);
  }

  /** @param {Upload} upload */
  #enter(upload) {
    upload.onMove = (_, from) => this.#changed(upload, from);
    this.uploads.add(upload);
    this.#selection.add(upload);
    this.tally.move(upload, null, upload.state);
    this.#scheduler.add(upload);
    this.#emit("added", upload);
  }

  /** Where those that are being sent make room, none must begin that is stopped next. */
  #fromTheEnd() {
    const isSending = (/** @type {Upload} */ { state }) => Number(state === "sending");
    return [...this.uploads].sort((one, other) => isSending(one) - isSending(other));
  }

  /**
   * @param {Upload} upload
   * @param {import("./file-state.js").State} from
   */
  #changed(upload, from) {
    if (!this.uploads.has(upload)) return;
    if (from !== upload.state) this.#moved(upload, from);
    this.#emit("changed", upload);
  }

  /**
   * @param {Upload} upload
   * @param {import("./file-state.js").State} from
   */
  #moved(upload, from) {
    const { state, cause } = upload;
    this.tally.move(upload, from, state);
    if (!upload.canCancel) this.#begun.delete(upload);
    if (from === "sending" && this.tally.files("sending") === 0) this.#stoppedAt = performance.now();
    if (state === "sending" && this.tally.files("sending") === 1) this.#startSpeed();
    if (state === "mismatch") this.#outcomes.explain(upload);
    if (cause?.code === "file_changed" || cause?.code === "file_gone") this.#selection.addByName(upload);
    if (this.#memory?.note(upload)) this.#emit("history", upload);
  }

  #startSpeed() {
    const now = performance.now();
    if (now - this.#stoppedAt > STANDSTILL_MS) this.#speed = new Speed(now);
  }

  /**
   * @param {Upload} upload
   * @param {number} bytes
   */
  #sent(upload, bytes) {
    this.#speed.add(bytes, performance.now());
    this.#begun.add(upload);
    this.#emit("progress", upload);
  }

  /**
   * @param {string} event
   * @param {Upload} upload
   */
  #emit(event, upload) {
    this.dispatchEvent(new CustomEvent(`upload:${event}`, { detail: { upload } }));
  }
}
