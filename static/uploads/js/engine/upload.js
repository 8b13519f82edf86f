/** One file on its way: what was agreed for it, how much of it has arrived, and what it takes to go on. */

import { FileState } from "./file-state.js";
import { Speed } from "./progress.js";

const MOST_ROUNDS = 100;

export class Upload extends FileState {
  /** @type {string | undefined} */
  retryOf;
  /** @type {import("./grant.js").Grant | null} */
  grant = null;
  /** Whether the server holds a grant under its id. */
  isGranted = false;
  /** Its parts, where it goes by parts: a Multipart, whose module knows this one. @type {any} */
  parts = null;
  /** All of it, where it is small. @type {ArrayBuffer | null} */
  buffer = null;
  /** Its CRC-64 in the making. @type {Promise<string | null> | null} */
  checksum = null;
  /** The how-manieth try in a row this is, without a byte between them. */
  attempt = 1;
  /** Milliseconds since the first of them failed. */
  sinceFailure = () => 0;
  /** Whether it did not get through as a whole. */
  isCautious = false;
  /** Bytes that the storage has answered for. */
  sentBytes = 0;
  /** Whether it goes on from what was sent before this visit. */
  wasContinued = false;
  wasChosenTwice = false;
  /** Whether the storage has taken the bytes, as far as the browser could see. */
  wasTaken = false;
  /** @type {Date | null} */
  startedAt = null;
  /** Called when the storage has answered for more bytes. */
  onSent = (/** @type {number} */ _bytes) => {};
  /** Where it was sent last. */
  url = "";
  /** How many ids it has had before. */
  round = 0;
  /** Once its content is known, the same file has the same ids in another visit as well. */
  idOf = (/** @type {number} */ round) => String(round);
  #speed = new Speed();

  /**
   * @param {File} file
   * @param {string} [path] of its folder, relative to what was chosen
   */
  constructor(file, path = "") {
    super();
    this.file = file;
    this.path = path;
    this.name = file.name;
  }

  /** @returns {number | null} bytes per second, smoothed */
  get rate() {
    return this.state === "sending" ? this.#speed.rate : null;
  }

  /** @returns {boolean} whether it has another id now */
  renew() {
    this.round += 1;
    this.id = this.idOf(this.round);
    this.isGranted = false;
    return this.round < MOST_ROUNDS;
  }

  /** It begins to move. */
  begin() {
    this.startedAt ??= new Date();
    this.#speed = new Speed();
    this.move("sending");
  }

  /** @param {number} bytes that the storage has just answered for */
  arrived(bytes) {
    this.#speed.add(bytes);
    this.onSent(bytes);
  }

  /** Put it into the queue again, as the server has said. */
  restart() {
    if (this.retry === "new") {
      this.retryOf = this.id;
      this.renew();
    }
    Object.assign(this, {
      attempt: 1, cause: null, retry: null, isRefused: false, startedAt: null, checksum: null, buffer: null,
    });
    this.again();
  }

  /** The next attempt begins with a fresh grant. */
  again() {
    Object.assign(this, { grant: null, parts: null, wasTaken: false, sentBytes: 0 });
    this.move("waiting");
  }
}
