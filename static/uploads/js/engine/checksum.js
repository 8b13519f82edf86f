/** CRC-64 of whole files, made in a worker while they are sent. */

import { decimal, START } from "./crc64.js";
import { problemNamed } from "./single-put.js";

/**
 * So small that files take turns, and that a piece which is not read within the limit has hung; so large that it does
 * not matter what it costs to begin one.
 */
const PIECE_BYTES = 32 * 1024 * 1024;
const LIMIT_MS = 60_000;

/**
 * @typedef {{crc?: import("./crc64.js").Crc, problem?: string}} Answer
 * @typedef {import("./upload.js").Upload} Upload
 */

export class Checksums {
  #url;
  /** @type {Worker | null} */
  #worker = null;
  /** @type {Map<number, (answer: Answer) => void>} */
  #asked = new Map();
  #lastId = 0;

  /** @param {string | null | undefined} url of the worker; without one there are no checksums */
  constructor(url) {
    this.#url = url;
  }

  /**
   * Begin with one that is about to be sent.
   * @param {Upload} upload
   * @param {(problem: import("./single-put.js").Problem) => void} onProblem it cannot be read as it was chosen
   */
  watch(upload, onProblem) {
    upload.checksum ??= this.of(upload.file, () => upload.state !== "cancelled").catch(({ name }) => {
      onProblem(problemNamed(name));
      return null;
    });
  }

  /**
   * @param {Upload} upload
   * @returns {Promise<boolean>} whether it is certain that the file is another one than was sent
   */
  async hasChanged({ file, checksum }) {
    const before = await checksum;
    return Boolean(before) && before !== (await this.of(file).catch(() => ""));
  }

  /**
   * One pass from the beginning to the end, whatever is sent when: a file that changes between two of its parts, each
   * of which would agree with itself, is noticed.
   * @param {Blob} file
   * @param {() => boolean} isWanted
   * @returns {Promise<string | null>} null where it cannot be had; it rejects when the file cannot be read
   */
  async of(file, isWanted = () => true) {
    let crc = START;
    for (let at = 0; at < file.size; at += PIECE_BYTES) {
      const answer = isWanted() ? await this.#ask(file.slice(at, at + PIECE_BYTES), crc) : {};
      if (answer.problem) throw new DOMException("", answer.problem);
      if (!answer.crc) return null;
      crc = answer.crc;
    }
    return decimal(crc);
  }

  /**
   * @param {Blob} blob
   * @param {import("./crc64.js").Crc} crc
   * @returns {Promise<Answer>} empty when there is none
   */
  async #ask(blob, crc) {
    const worker = this.#start();
    if (!worker) return {};
    const id = (this.#lastId += 1);
    const answer = await new Promise((resolve) => {
      this.#asked.set(id, resolve);
      setTimeout(resolve, LIMIT_MS, {});
      worker.postMessage({ id, blob, crc });
    });
    this.#asked.delete(id);
    return answer;
  }

  #start() {
    if (this.#url && !this.#worker) {
      this.#worker = new Worker(this.#url, { type: "module" });
      this.#worker.onmessage = ({ data }) => this.#asked.get(data.id)?.(data);
      // It could not be loaded, or does not run here: files go without.
      this.#worker.onerror = () => {
        this.#url = this.#worker = null;
        for (const answer of this.#asked.values()) answer({});
      };
    }
    return this.#worker;
  }
}
