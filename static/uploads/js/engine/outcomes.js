/** What becomes of a file when a request has ended: on, again, to the server's judgement, or to a cause. */

import { Again } from "./again.js";
import { isOpen } from "./confirmations.js";
import { FINAL } from "./grant-supply.js";
import { Reports } from "./reports.js";
import { mayPass } from "./retry.js";

/**
 * @typedef {import("./upload.js").Upload} Upload
 * @typedef {import("./single-put.js").Outcome} Outcome
 */

export class Outcomes {
  #again;
  #checksums;
  #go;

  /**
   * @param {import("./grants-api.js").GrantsApi} api
   * @param {{patience: import("./retry.js").Patience, checksums: import("./checksum.js").Checksums,
   *   go: Record<"on" | "stop" | "sent", (upload: Upload, bytes?: any) => void>}} context
   */
  constructor(api, { patience, checksums, go }) {
    this.#again = new Again(patience, go.on);
    this.#checksums = checksums;
    this.#go = go;
    this.reports = new Reports(api, (upload, answer) => this.#hear(upload, answer));
  }

  /** @param {Upload} upload that is about to be sent */
  watch(upload) {
    this.#checksums.watch(upload, (problem) => {
      if (upload.canCancel || isOpen(upload)) this.#fail(upload, { code: problem });
    });
  }

  /** A whole file was sent, or not. @param {Upload} upload @param {Outcome} outcome */
  ended(upload, { answer, problem }) {
    const status = answer?.status ?? null;
    // 409 FileAlreadyExists: browsers send a PUT again by themselves, and the first one may have arrived.
    upload.wasTaken = status !== null && (status < 300 || status === 409);
    upload.isCautious = status === null;
    if (!answer) this.#fail(upload, { code: problem });
    else if (upload.wasTaken) this.#finish(upload, upload.file.size, answer);
    // Without an answer, perhaps it arrived: that is for the server to find out.
    else if (status !== null && mayPass(answer)) this.#again.whole(upload, () => this.#report(upload, answer));
    else this.#report(upload, answer);
  }

  /** @param {Upload} upload @param {import("./part-plan.js").Part} part @param {Outcome} outcome */
  partEnded(upload, part, { answer, problem }) {
    if (!answer) {
      this.#fail(upload, { code: problem });
    } else if (answer.status === 200) {
      upload.failures = 0;
      upload.parts.arrived(part);
      if (upload.parts.isSent) this.#finish(upload, part.size);
      else this.#go.sent(upload, part.size);
    } else {
      upload.parts.failed(part);
      if (mayPass(answer)) this.#again.parts(upload, () => this.#report(upload, answer));
      else this.#report(upload, answer);
    }
  }

  /** The server was asked to sign parts. @param {Upload} upload @param {any} answer null where it did */
  partsAnswered(upload, answer) {
    if (!upload.canPause) return;
    const { error } = answer ?? {};
    if (error?.code === "storage_busy") this.#again.parts(upload, () => this.#fail(upload, error));
    else if (error) this.#fail(upload, error);
    else if (answer) this.#judge(upload, () => this.reports.confirmations.hear(upload, answer));
    else if (upload.parts.isSent) this.#finish(upload, 0);
    else this.#go.on(upload);
  }

  /**
   * All bytes have arrived. The server is told as soon as their checksum is known, or without it.
   * @param {Upload} upload
   * @param {number} bytes with which it was finished
   * @param {import("./transport.js").PutAnswer} [answer] of a whole file
   */
  async #finish(upload, bytes, answer) {
    const { id } = upload;
    upload.advance(upload.file.size);
    this.#go.sent(upload, bytes);
    upload.move("checking");
    this.reports.confirmations.expect(upload);
    this.reports.held.add(upload);
    const { crc64, problem } = await this.#checksums.known(upload);
    this.reports.held.delete(upload);
    if (upload.id !== id || !isOpen(upload)) return;
    if (problem) this.#fail(upload, { code: problem });
    else this.reports.ended(upload, { ...answer, crc64 });
    // What comes later, the server compares later.
    const late = crc64 ? null : await upload.checksum;
    if (late && upload.id === id) this.reports.ended(upload, { ...answer, crc64: late });
  }

  /**
   * It goes no further by itself. Why, the server will say.
   * @param {Upload} upload
   * @param {import("./transport.js").PutAnswer} answer
   */
  #report(upload, answer) {
    this.#judge(upload, () => this.reports.ended(upload, answer));
  }

  /** @param {Upload} upload @param {() => void} ask */
  #judge(upload, ask) {
    this.#go.stop(upload);
    upload.move("checking");
    ask();
  }

  /**
   * The server's word on what was sent. An attempt that failed is not the end where another one may help.
   * @param {Upload} upload
   * @param {any} answer a status or a refusal
   */
  #hear(upload, answer) {
    const { missing, error, file_state: state, retry, cause } = answer;
    const isUndone = state === "waiting" || (state === "failed" && retry === "same");
    // Of a file in parts the server knows by now that all are there: it will see to the rest.
    if (state === "checking" && upload.parts?.isSent) upload.wasTaken = true;
    if (!isOpen(upload)) upload.hear(answer);
    else if (missing && upload.parts) this.#sendMissing(upload, missing);
    else if (error) upload.fail(error, "same");
    else if (isUndone) this.#again.whole(upload, () => upload.fail(cause ?? { code: "failed", message: "" }, "same"));
    else upload.hear(answer);
  }

  /** @param {Upload} upload @param {import("./part-plan.js").Ranges} missing */
  #sendMissing(upload, missing) {
    upload.move("waiting");
    upload.parts.restore(missing);
    this.#again.parts(upload, () => this.#report(upload, { status: null }));
  }

  /** @param {Upload} upload @param {{code: any, message?: string}} cause */
  #fail(upload, { code, message = "" }) {
    const isFinal = FINAL.has(code);
    this.#go.stop(upload);
    upload.fail({ code, message }, isFinal ? null : "same");
    if (isFinal) this.reports.cancelled(upload);
  }
}
