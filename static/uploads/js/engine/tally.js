/** How many files, and how many bytes, are in each state. Kept up to date, never counted again. */

export class Tally {
  /** @type {Map<string, {files: number, bytes: number}>} */
  #states = new Map();

  /**
   * @param {import("./upload.js").Upload} upload
   * @param {string | null} from null: it is new
   * @param {string | null} to null: it is gone
   */
  move(upload, from, to) {
    if (from !== null) this.#add(from, -1, -upload.file.size);
    if (to !== null) this.#add(to, 1, upload.file.size);
  }

  /**
   * @param {...string} states
   * @returns {number}
   */
  files(...states) {
    return states.reduce((sum, state) => sum + (this.#states.get(state)?.files ?? 0), 0);
  }

  /**
   * @param {...string} states
   * @returns {number}
   */
  bytes(...states) {
    return states.reduce((sum, state) => sum + (this.#states.get(state)?.bytes ?? 0), 0);
  }

  /** @returns {"idle" | "working" | "done" | "attention"} the state of the whole queue */
  get state() {
    if (this.files("waiting", "sending", "paused", "checking", "sent") > 0) return "working";
    if (this.files("failed", "mismatch") > 0) return "attention";
    return this.files("stored") > 0 ? "done" : "idle";
  }

  /**
   * @param {string} state
   * @param {number} files
   * @param {number} bytes
   */
  #add(state, files, bytes) {
    const sum = this.#states.get(state) ?? { files: 0, bytes: 0 };
    this.#states.set(state, { files: sum.files + files, bytes: sum.bytes + bytes });
  }
}
