/** Which files have been chosen before. */

export class Selection {
  /** @type {Map<string, import("./upload.js").Upload>} */
  #known = new Map();

  /**
   * @param {File} file
   * @returns {import("./upload.js").Upload | undefined} what was chosen as this file before
   */
  find(file) {
    return this.#known.get(fingerprint(file)) ?? this.#known.get(file.name);
  }

  /** @param {import("./upload.js").Upload} upload */
  add(upload) {
    this.#known.set(fingerprint(upload.file), upload);
  }

  /**
   * Its content has changed: when it is chosen again, only the name will be the same.
   * @param {import("./upload.js").Upload} upload
   */
  addByName(upload) {
    this.#known.set(upload.file.name, upload);
  }

  /** @param {import("./upload.js").Upload} upload */
  delete(upload) {
    for (const name of [fingerprint(upload.file), upload.file.name]) {
      if (this.#known.get(name) === upload) this.#known.delete(name);
    }
  }
}

/**
 * Browsers show no paths. No file name has a slash, so that no name is another file's fingerprint.
 * @param {File} file
 */
function fingerprint({ name, size, lastModified }) {
  return `${name}/${size}/${lastModified}`;
}
