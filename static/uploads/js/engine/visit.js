/** The files of one visit, in their order: what is chosen, what is taken off the list, and what the page is told. */

import { Tally } from "./progress.js";
import { Upload } from "./upload.js";

/** Emits `upload:added`, `:changed`, `:progress` and `:removed`, each with `detail.upload`, and `upload:history`. */
export class Visit extends EventTarget {
  /** @type {Set<Upload>} */
  uploads = new Set();
  tally = new Tally();
  /** By names and fingerprints. @type {Map<string, Upload>} */
  #chosen = new Map();
  #memory;

  /** @param {import("./memory.js").Memory} memory */
  constructor(memory) {
    super();
    this.#memory = memory;
  }

  /** @param {Iterable<{file: File, path: string}>} entries */
  add(entries) {
    for (const { file, path } of entries) {
      const upload = new Upload(file, path);
      const known = this.#chosenBefore(upload);
      if (known && !known.canRemove) {
        known.wasChosenTwice = true;
        known.move();
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
    for (const key of keysOf(upload)) if (this.#chosen.get(key) === upload) this.#chosen.delete(key);
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
    upload.onMove = (from) => this.#changed(upload, from);
    upload.onSent = (bytes) => {
      this.tally.advance(upload, bytes);
      this.emit("progress", upload);
    };
    this.uploads.add(upload);
    for (const key of keysOf(upload)) this.#chosen.set(key, upload);
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
    this.tally.move(upload, from, upload.state);
    if (this.#memory.note(upload)) this.emit("history", upload);
  }

  /**
   * Of a file that has changed only the name is the same when it is chosen again.
   * @param {Upload} upload
   */
  #chosenBefore(upload) {
    const [same, namesake] = keysOf(upload).map((key) => this.#chosen.get(key));
    return same ?? (namesake?.hasChanged ? namesake : undefined);
  }
}

/**
 * No folder has an empty name, so that no name is another file's fingerprint.
 * @param {Upload} upload
 * @returns {string[]} fingerprint and name
 */
function keysOf({ path, file }) {
  const name = `${path}/${file.name}`;
  return [`${name}//${file.size}/${file.lastModified}`, name];
}
