/** When a file is tried again, and how often. */

import { backOffMs } from "./retry.js";

/** In a row, without a byte between them: with their pauses about a minute, so that a short outage ends nothing. */
const MOST_FAILURES = 10;

/** @typedef {import("./upload.js").Upload} Upload */

export class Again {
  #patience;
  #go;

  /**
   * @param {import("./retry.js").Patience} patience
   * @param {(upload: Upload) => void} go it may be sent
   */
  constructor(patience, go) {
    this.#patience = patience;
    this.#go = go;
  }

  /**
   * From the beginning, under a fresh grant.
   * @param {Upload} upload
   * @param {() => void} giveUp called instead when it was tried too often
   */
  whole(upload, giveUp) {
    const mayGo = () => upload.state === "waiting" && !upload.grant;
    this.#later(upload, { giveUp, begin: () => upload.again(), mayGo });
  }

  /**
   * With the parts that are missing; until then none of them is sent.
   * @param {Upload} upload
   * @param {() => void} giveUp
   */
  parts(upload, giveUp) {
    const { parts } = upload;
    if (!parts || parts.isAtRest) return;
    const mayGo = () => {
      parts.isAtRest = false;
      return upload.parts === parts && upload.canPause;
    };
    this.#later(upload, { giveUp, begin: () => (parts.isAtRest = true), mayGo });
  }

  /**
   * @param {Upload} upload
   * @param {{giveUp: () => void, begin: () => void, mayGo: () => boolean}} steps
   */
  async #later(upload, { giveUp, begin, mayGo }) {
    if (upload.attempt >= MOST_FAILURES) {
      giveUp();
      return;
    }
    upload.failures += 1;
    begin();
    upload.touch();
    await this.#patience.rest(backOffMs(upload.failures - 1));
    if (mayGo()) this.#go(upload);
  }
}
