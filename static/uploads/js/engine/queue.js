/** The files of one visit, in their order, and what becomes of each. */

import { GrantSupply } from "./grant-supply.js";
import { Lanes } from "./lanes.js";
import { Reports } from "./reports.js";
import { Selection } from "./selection.js";
import { Tally } from "./tally.js";
import { Upload } from "./upload.js";

/** Emits `upload:added`, `upload:changed` and `upload:removed`, each with `detail.upload`. */
export class Queue extends EventTarget {
  /** @type {Set<Upload>} */
  uploads = new Set();
  tally = new Tally();
  lanes = new Lanes();
  #selection = new Selection();
  #supply;
  history = [];

  /** @param {import("./grants-api.js").GrantsApi} api */
  constructor(api) {
    super();
    this.reports = new Reports(api);
    this.#supply = new GrantSupply(api, {
      onAnswers: () => this.#pump(),
      onUnwanted: (upload) => this.reports.cancelled(upload),
    });
  }

  /** @param {Iterable<File | {file: File, path: string}>} entries */
  add(entries) {
    for (const entry of entries) {
      const { file, path } = entry instanceof File ? { file: entry, path: "" } : entry;
      const known = this.#selection.find(file);
      if (known?.isMoving || known?.state === "stored") {
        known.wasChosenTwice = true;
        known.touch();
      } else {
        if (known) this.remove(known);
        this.#enter(file, path);
      }
    }
    this.#pump();
  }

  /** @param {Upload} upload */
  retry(upload) {
    if (!upload.canRetry) return;
    upload.restart();
    this.#supply.add(upload);
    this.#pump();
  }

  /** Send all that failed once more. */
  retryAll() {
    for (const upload of this.uploads) if (upload.state !== "cancelled") this.retry(upload);
  }

  /** @param {Upload} upload */
  cancel(upload) {
    if (!upload.canCancel) return;
    this.#stop(upload, "cancelled");
    // Without a grant yet, the supply will say so when one comes.
    if (upload.grant) this.reports.cancelled(upload);
    this.#pump();
  }

  /** What has been sent, as far as that is known. */
  get progress() {
    const sentBytes = this.tally.bytes("checking", "sent", "stored");
    const totalBytes = sentBytes + this.tally.bytes("waiting", "sending", "paused");
    return { sentBytes, totalBytes, rate: null, leftSeconds: null };
  }

  get isMoving() { return this.tally.files("sending") > 0; }
  get isPaused() { return this.tally.files("paused") > 0 && this.tally.files("waiting", "sending") === 0; }
  pauseAll() { for (const upload of this.uploads) this.pause(upload); }
  resumeAll() { for (const upload of this.uploads) if (upload.canResume) this.resume(upload); }
  resume(upload) { upload.restart(); this.#supply.add(upload); this.#pump(); }
  pause(upload) {
    if (upload.canPause) this.#stop(upload, "paused");
    this.#pump();
  }
  #stop(upload, state) {
    this.lanes.stop(upload);
    this.#supply.delete(upload);
    upload.move(state);
  }

  /** Stop all that can be stopped. */
  cancelAll() {
    for (const upload of this.uploads) this.cancel(upload);
  }

  remove(upload) {
    if (upload.isMoving || upload.state === "stored") return;
    // It could have been sent again under the same grant, which nobody will do now.
    if (upload.state === "failed" && upload.grant) this.reports.cancelled(upload);
    this.#selection.delete(upload);
    this.uploads.delete(upload);
    this.tally.move(upload, upload.state, null);
    this.#emit("removed", upload);
  }

  #enter(file, path) {
    const upload = new Upload(file, (upload, from) => this.#changed(upload, from), path);
    this.uploads.add(upload);
    this.#selection.add(upload);
    this.tally.move(upload, null, upload.state);
    this.#supply.add(upload);
    this.#emit("added", upload);
  }

  #pump() {
    while (this.lanes.hasRoom) {
      const upload = this.#supply.take();
      if (!upload) break;
      this.#send(upload);
    }
    this.#supply.refill();
  }

  /** @param {Upload} upload */
  async #send(upload) {
    upload.startedAt = new Date();
    upload.move("sending");
    const outcome = await this.lanes.send(upload);
    if (outcome?.problem) this.#fail(upload, outcome.problem);
    else if (outcome) this.reports.ended(upload, outcome.answer);
    this.#pump();
  }

  #fail(upload, problem) {
    const isOurs = problem === "blocked_by_policy";
    upload.fail({ code: problem, message: "" }, isOurs ? "same" : null);
    if (isOurs) return;
    this.#selection.addByName(upload);
    this.reports.cancelled(upload);
  }

  #changed(upload, from) {
    if (!this.uploads.has(upload)) return;
    if (from !== upload.state) this.tally.move(upload, from, upload.state);
    this.#emit("changed", upload);
  }

  #emit(event, upload) {
    this.dispatchEvent(new CustomEvent(`upload:${event}`, { detail: { upload } }));
  }
}
