/** The files of one visit, in their order: what is chosen, what is taken off the list, and what the page is told. */

import { Selection } from "./selection.js";
import { Tally } from "./tally.js";
import { Upload } from "./upload.js";

/** Emits `upload:added`, `:changed`, `:progress` and `:removed`, each with `detail.upload`, and `upload:history`. */
export class Visit extends EventTarget {
  /** @type {Set<Upload>} */
  uploads = new Set();
  tally = new Tally();
  #selection = new Selection();
  #memory;

  /** @param {import("./memory.js").Memory} [memory] */
  constructor(memory) {
    super();
    this.#memory = memory;
  }

  get progress() {
    return this.tally.progress;
  }

  /** What this browser sent to this page before, or began to: what was chosen again is not among it. */
  get history() {
    return this.#memory?.before ?? [];
  }

  /** @param {Iterable<{file: File, path: string}>} entries */
  add(entries) {
    for (const { file, path } of entries) {
      const upload = new Upload(file, path);
      const known = this.#selection.find(upload);
      if (known && !known.canRemove) {
        known.wasChosenTwice = true;
        known.touch();
      } else {
        if (known) this.remove(known);
        this.enter(upload);
      }
    }
  }

  /**
   * Take a file off the list.
   * @param {Upload} upload
   */
  remove(upload) {
    if (!upload.canRemove) return;
    this.#selection.delete(upload);
    this.uploads.delete(upload);
    this.tally.move(upload, upload.state, null);
    this.emit("removed", upload);
  }

  /**
   * @param {string} event
   * @param {Upload} upload
   */
  emit(event, upload) {
    this.dispatchEvent(new CustomEvent(`upload:${event}`, { detail: { upload } }));
  }

  /** @param {Upload} upload */
  enter(upload) {
    upload.onMove = (_, from) => this.#changed(upload, from);
    this.uploads.add(upload);
    this.#selection.add(upload);
    this.tally.move(upload, null, upload.state);
    this.emit("added", upload);
  }

  /**
   * @param {Upload} upload
   * @param {import("./file-state.js").State} from
   */
  #changed(upload, from) {
    if (!this.uploads.has(upload)) return;
    if (from !== upload.state) this.moved(upload, from);
    this.emit("changed", upload);
  }

  /**
   * @param {Upload} upload
   * @param {import("./file-state.js").State} from
   */
  moved(upload, from) {
    const { state, cause } = upload;
    this.tally.move(upload, from, state);
    if (cause?.code === "file_changed" || cause?.code === "file_gone") this.#selection.addByName(upload);
    if (this.#memory?.note(upload)) this.emit("history", upload);
  }
}
