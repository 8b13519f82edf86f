/** Files out of what was dropped, pasted or chosen: folders opened, what systems leave in them left out. */

/** @typedef {{file: File, path: string}} Entry a file and the folder in which it was found, empty for none */

const LEFT_BY_SYSTEMS = [".ds_store", "thumbs.db", "desktop.ini"];

/** What came of one choice. */
export class Harvest {
  files = 0;
  leftOut = 0;
  unreadable = 0;
  #onFiles;

  /** @param {(entries: Entry[]) => void} onFiles called as soon as some are known: folders can be large */
  constructor(onFiles) {
    this.#onFiles = onFiles;
  }

  /** @param {Entry[]} entries */
  take(entries) {
    const kept = entries.filter(({ file }) => !LEFT_BY_SYSTEMS.includes(file.name.toLowerCase()));
    this.files += kept.length;
    this.leftOut += entries.length - kept.length;
    if (kept.length > 0) this.#onFiles(kept);
  }

  /**
   * Files, and folders with all that is in them.
   * @param {any[]} entries of the File and Directory Entries API
   */
  async open(entries) {
    const files = await Promise.all(entries.filter(({ isFile }) => isFile).map((entry) => this.#read(entry)));
    this.take(files.flat());
    for (const folder of entries.filter(({ isDirectory }) => isDirectory)) await this.#openFolder(folder.createReader());
  }

  /** @param {any} reader of a folder, which gives a hundred entries at a time */
  async #openFolder(reader) {
    try {
      for (;;) {
        const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (entries.length === 0) break;
        await this.open(entries);
      }
    } catch {
      this.unreadable += 1;
    }
  }

  /**
   * @param {any} entry of a file
   * @returns {Promise<Entry[]>}
   */
  async #read(entry) {
    try {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      return [{ file, path: folderOf(entry.fullPath) }];
    } catch {
      this.unreadable += 1;
      return [];
    }
  }
}

/**
 * @param {string} path of a file: `/photos/2026/a.jpg`, or `photos/2026/a.jpg`
 * @returns {string} `photos/2026`
 */
export function folderOf(path) {
  return path.replace(/^\//, "").replace(/\/?[^/]*$/, "");
}
