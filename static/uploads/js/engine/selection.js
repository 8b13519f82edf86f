/** Which files have been chosen before. */

export class Selection {
  /** @type {Map<string, import("./upload.js").Upload>} */
  #known = new Map();

  /**
   * @param {import("./upload.js").Upload} upload
   * @returns {import("./upload.js").Upload | undefined} what was chosen as this file before
   */
  find(upload) {
    return this.#known.get(fingerprint(upload)) ?? this.#known.get(nameOf(upload));
  }

  /** @param {import("./upload.js").Upload} upload */
  add(upload) {
    this.#known.set(fingerprint(upload), upload);
  }

  /**
   * Its content has changed: when it is chosen again, only the name will be the same.
   * @param {import("./upload.js").Upload} upload
   */
  addByName(upload) {
    this.#known.set(nameOf(upload), upload);
  }

  /** @param {import("./upload.js").Upload} upload */
  delete(upload) {
    for (const name of [fingerprint(upload), nameOf(upload)]) {
      if (this.#known.get(name) === upload) this.#known.delete(name);
    }
  }
}

/** @param {import("./upload.js").Upload} upload */
function nameOf({ path, file }) {
  return `${path}/${file.name}`;
}

/**
 * No folder has an empty name, so that no name is another file's fingerprint.
 * @param {import("./upload.js").Upload} upload
 */
function fingerprint(upload) {
  const { size, lastModified } = upload.file;
  return `${nameOf(upload)}//${size}/${lastModified}`;
}
