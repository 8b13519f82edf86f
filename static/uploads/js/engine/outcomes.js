/** What becomes of a file when a request has ended: on, again, to the server's judgement, or to a cause. */

import { isOpen } from "./confirmations.js";
import { FINAL } from "./grant-supply.js";
import { Reports } from "./reports.js";
import { backOffMs, mayPass } from "./retry.js";
import { problemNamed, problemOfReading } from "./single-put.js";

/** A checksum that takes longer after the last byte is not waited for. */
const CHECKSUM_MS = 30_000;

/**
 * @typedef {import("./upload.js").Upload} Upload
 * @typedef {import("./single-put.js").Outcome} Outcome
 */

export class Outcomes {
  #patience;
  #checksums;
  #go;

  /**
   * @param {import("./grants-api.js").GrantsApi} api
   * @param {{patience: import("./retry.js").Patience, checksums: import("./checksum.js").Checksums,
   *   go: {on: (upload: Upload) => void, stop: (upload: Upload) => void, sent: (upload: Upload, bytes: number) => void}
   * }} context `go.on`: it waits to be sent; `go.sent`: the storage has answered for so many bytes more
   */
  constructor(api, { patience, checksums, go }) {
    this.#patience = patience;
    this.#checksums = checksums;
    this.#go = go;
    this.reports = new Reports(api, (upload, answer) => this.#hear(upload, answer));
  }

  /** @param {Upload} upload that is about to be sent: its checksum is made meanwhile */
  watch(upload) {
    const isWanted = () => upload.state !== "cancelled";
    upload.checksum ??= this.#checksums.of(upload.file, isWanted).catch(({ name }) => {
      if (upload.canCancel || isOpen(upload)) this.#stumble(upload, problemNamed(name));
      return null;
    });
  }

  /**
   * A whole file. Any answer is for the server to understand.
   * @param {Upload} upload
   * @param {Outcome} outcome
   */
  ended(upload, { answer, problem }) {
    if (!answer) {
      this.#stumble(upload, problem);
      return;
    }
    const { status } = answer;
    // 409 FileAlreadyExists: browsers send a PUT again by themselves, and the first one may have arrived.
    upload.wasTaken = status !== null && (status < 300 || status === 409);
    upload.isCautious = status === null;
    if (!upload.wasTaken) {
      this.#report(upload, answer);
      return;
    }
    this.#go.sent(upload, upload.file.size);
    this.#finish(upload, (crc64) => this.reports.ended(upload, { ...answer, crc64 }));
  }

  /**
   * @param {Upload} upload
   * @param {import("./part-plan.js").Part} part
   * @param {Outcome} outcome
   */
  partEnded(upload, part, { answer, problem }) {
    const { parts } = upload;
    if (!parts) return;
    if (!answer) {
      this.#stumble(upload, problem);
    } else if (answer.status === 200) {
      upload.strikes.clear();
      parts.arrived(part);
      this.#go.sent(upload, part.size);
      if (parts.isSent) this.#complete(upload);
    } else {
      parts.failed(part);
      if (mayPass(answer)) this.#rest(upload, () => this.#report(upload, answer));
      else this.#report(upload, answer);
    }
  }

  /**
   * The server was asked to sign parts.
   * @param {Upload} upload
   * @param {any} answer null where it did
   */
  partsAnswered(upload, answer) {
    if (!upload.canPause) return;
    const { error } = answer ?? {};
    const refuse = () => this.#fail(upload, error, FINAL.has(error.code) ? null : "same");
    if (error?.code === "storage_busy") this.#rest(upload, refuse);
    else if (error) refuse();
    else if (!answer && upload.parts?.isSent) this.#complete(upload);
    else if (!answer) this.#go.on(upload);
    else {
      this.#go.stop(upload);
      upload.move("checking");
      this.reports.hear(upload, answer);
    }
  }

  /**
   * What arrived is not what was sent. Perhaps that is not what is on the disk any more.
   * @param {Upload} upload
   */
  async explain(upload) {
    const now = this.#checksums.of(upload.file).catch(() => "");
    const sent = await upload.checksum;
    if (sent === null || sent === (await now) || upload.state !== "mismatch") return;
    Object.assign(upload, { cause: { code: "file_changed", message: "" }, retry: null });
    upload.touch();
  }

  /** @param {Upload} upload of which all parts have arrived */
  #complete(upload) {
    this.#finish(upload, (crc64) => this.reports.completed(upload, crc64));
  }

  /**
   * All bytes have arrived. The server is told as soon as their checksum is known, or without it.
   * @param {Upload} upload
   * @param {(crc64: string | null) => void} report
   */
  async #finish(upload, report) {
    upload.advance(upload.file.size);
    upload.move("checking");
    if (upload.wasTaken) this.reports.expect(upload);
    const { id } = upload;
    const tooLong = new Promise((resolve) => setTimeout(resolve, CHECKSUM_MS, null));
    const crc64 = await Promise.race([upload.checksum, tooLong]);
    const problem = crc64 === null ? await problemOfReading(upload.file) : null;
    if (upload.id !== id || !isOpen(upload)) return;
    if (problem) this.#stumble(upload, problem);
    else report(crc64);
  }

  /**
   * It goes no further by itself. Why, the server will say.
   * @param {Upload} upload
   * @param {import("./transport.js").PutAnswer} answer
   */
  #report(upload, answer) {
    this.#go.stop(upload);
    upload.move("checking");
    this.reports.ended(upload, answer);
  }

  /**
   * The server's word on what was sent. An attempt that failed is not the end where another one may help.
   * @param {Upload} upload
   * @param {any} answer a status or a refusal
   */
  #hear(upload, answer) {
    const { missing, error, file_state: state, retry } = answer;
    if (!isOpen(upload)) upload.hear(answer);
    else if (missing && upload.parts) this.#sendMissing(upload, missing);
    else if (error) upload.fail(error, "same");
    else if (state === "waiting" || (state === "failed" && retry === "same")) this.#tryAgain(upload, answer);
    else this.#settle(upload, answer);
  }

  /**
   * @param {Upload} upload
   * @param {any} status
   */
  #settle(upload, status) {
    // The server knows that all parts are there: it will see to the rest.
    if (status.file_state === "checking" && !upload.wasTaken && upload.parts) {
      upload.wasTaken = true;
      this.reports.expect(upload);
    }
    upload.hear(status);
  }

  /**
   * @param {Upload} upload
   * @param {any} status
   */
  async #tryAgain(upload, { cause = { code: "failed", message: "" } }) {
    if (!upload.strikes.add()) {
      upload.fail(cause, "same");
      return;
    }
    upload.again();
    await this.#patience.rest(backOffMs(upload.strikes.count - 1));
    if (upload.state === "waiting" && !upload.grant) this.#go.on(upload);
  }

  /**
   * @param {Upload} upload
   * @param {import("./part-plan.js").Ranges} missing
   */
  #sendMissing(upload, missing) {
    upload.move("waiting");
    upload.parts?.restore(missing);
    this.#rest(upload, () => this.#report(upload, { status: null }));
  }

  /**
   * Nothing of it is sent for a while, unless that was tried too often.
   * @param {Upload} upload
   * @param {() => void} giveUp
   */
  async #rest(upload, giveUp) {
    const { parts } = upload;
    if (!parts || parts.isAtRest) return;
    if (!upload.strikes.add()) {
      giveUp();
      return;
    }
    parts.isAtRest = true;
    upload.touch();
    await this.#patience.rest(backOffMs(upload.strikes.count - 1));
    parts.isAtRest = false;
    if (upload.parts === parts && upload.canPause) this.#go.on(upload);
  }

  /**
   * @param {Upload} upload
   * @param {import("./single-put.js").Problem} code
   */
  #stumble(upload, code) {
    this.#fail(upload, { code, message: "" }, code === "blocked_by_policy" ? "same" : null);
  }

  /**
   * @param {Upload} upload
   * @param {{code: string, message: string}} cause
   * @param {"same" | null} retry
   */
  #fail(upload, cause, retry) {
    this.#go.stop(upload);
    upload.fail(cause, retry);
    if (retry === null) this.reports.cancelled(upload);
  }
}
