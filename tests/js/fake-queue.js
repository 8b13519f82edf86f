/** Stands in for the engine: files go as far as a test says, nothing is sent. */

const UNSENT = ["waiting", "sending", "paused"];
const COUNTED = [...UNSENT, "checking", "sent", "stored", "failed", "mismatch"];

/** An upload of the engine's shape. */
export class Upload {
  name = "a.txt";
  path = "";
  state = "waiting";
  sentBytes = 0;
  attempt = 1;
  rate = null;
  cause = null;
  isRefused = false;
  wasChosenTwice = false;
  nameWasCleaned = false;
  wasContinued = false;
  wasTaken = true;
  startedAt = new Date(2026, 10, 25, 14, 20);
  storedAt = new Date(2026, 10, 25, 14, 29);

  constructor({ size = 1000, ...facts } = {}) {
    Object.assign(this, { file: { size } }, facts);
  }

  get canPause() {
    return this.state === "waiting" || this.state === "sending";
  }

  get canResume() {
    return this.state === "paused";
  }

  get canCancel() {
    return UNSENT.includes(this.state);
  }

  get canRemove() {
    return ["failed", "mismatch", "cancelled"].includes(this.state);
  }

  get canRetry() {
    return !this.isRefused && ["failed", "cancelled"].includes(this.state);
  }
}

export class Queue extends EventTarget {
  uploads = new Set();
  /** What was asked of the queue, as [method, upload or entries]. */
  asked = [];
  rate = null;
  reports = { setHidden() {}, leave() {} };
  lanes = { blockedOrigins: new Set() };
  #sums = null;

  constructor() {
    super();
    globalThis.queue = this;
    for (const method of ["pause", "resume", "cancel", "retry", "pauseAll", "resumeAll", "cancelAll", "retryAll"]) {
      this[method] = (upload) => this.asked.push([method, upload]);
    }
  }

  add(entries) {
    this.asked.push(["add", entries]);
    this.enter(entries.map(({ file, path }) => ({ name: file.name, path, size: file.size })));
  }

  enter(facts) {
    for (const upload of facts.map((facts) => new Upload(facts))) {
      this.uploads.add(upload);
      this.#emit("added", upload);
    }
  }

  change(upload, facts) {
    Object.assign(upload, facts);
    this.#emit("changed", upload);
  }

  remove(upload) {
    this.uploads.delete(upload);
    this.#emit("removed", upload);
  }

  get tally() {
    const sum = (kind, states) => states.reduce((total, state) => total + (this.#all[kind][state] ?? 0), 0);
    const files = (...states) => sum("files", states);
    const bytes = (...states) => sum("bytes", states);
    const ended = files("failed", "mismatch") ? "attention" : files("stored") ? "done" : "idle";
    const progress = { sentBytes: this.#all.sentBytes, totalBytes: bytes(...COUNTED), rate: this.rate };
    return { files, progress, state: files(...UNSENT, "checking", "sent") ? "working" : ended };
  }

  get isMoving() {
    return this.tally.files("sending") > 0;
  }

  get isPaused() {
    return this.tally.files("paused") > 0 && this.tally.files("sending", "waiting") === 0;
  }

  get #all() {
    if (this.#sums) return this.#sums;
    this.#sums = { files: {}, bytes: {}, sentBytes: 0 };
    for (const { state, file, sentBytes } of this.uploads) {
      this.#sums.files[state] = (this.#sums.files[state] ?? 0) + 1;
      this.#sums.bytes[state] = (this.#sums.bytes[state] ?? 0) + file.size;
      if (COUNTED.includes(state)) this.#sums.sentBytes += sentBytes;
    }
    return this.#sums;
  }

  #emit(event, upload) {
    this.#sums = null;
    this.dispatchEvent(new CustomEvent(`upload:${event}`, { detail: { upload } }));
  }
}
