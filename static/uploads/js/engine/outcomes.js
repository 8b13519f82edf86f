/** What becomes of a file when a request has ended: on, again, to the server's judgement, or to a cause. */

import { Reports } from "./reports.js";
import { mayPass, tryAgain } from "./retry.js";
import { lineEvidence, problemOfReading } from "./single-put.js";

/**
 * @typedef {import("./upload.js").Upload} Upload
 * @typedef {import("./transport.js").PutAnswer} PutAnswer
 * @typedef {import("./part-plan.js").Part} Part
 */

export class Outcomes {
  #context;

  /**
   * @param {import("./grants-api.js").GrantsApi} api
   * @param {{patience: import("./retry.js").Patience, checksums: import("./checksum.js").Checksums,
   *   scheduler: import("./scheduler.js").Scheduler}} context
   */
  constructor(api, context) {
    this.#context = context;
    this.reports = new Reports(api, context.scheduler.lanes, (upload, answer) => this.#hear(upload, answer));
  }

  /** @param {Upload} upload that is about to be sent */
  watch(upload) {
    this.#context.checksums.watch(upload, (code) => {
      if (upload.canCancel || upload.isOpen) this.#fail(upload, { code });
    });
  }

  /** @param {Upload} upload @param {Part | null} part null: as a whole @param {import("./single-put.js").Outcome} outcome */
  ended(upload, part, { answer, problem }) {
    if (!answer) this.#fail(upload, { code: problem });
    else if (part) this.#partEnded(upload, part, answer);
    else this.#wholeEnded(upload, answer);
  }

  /** @param {Upload} upload @param {PutAnswer} answer */
  #wholeEnded(upload, answer) {
    const { status } = answer;
    upload.isCautious = status === null;
    // 409 FileAlreadyExists: browsers send a PUT again by themselves, and the first one may have arrived.
    upload.wasTaken = status !== null && (status < 300 || status === 409);
    if (upload.wasTaken) this.#finish(upload, upload.file.size, answer);
    // Without an answer, perhaps it arrived: that is for the server to find out.
    else if (status !== null && mayPass(answer)) this.#again(upload, () => this.#report(upload, answer));
    else this.#report(upload, answer);
  }

  /** @param {Upload} upload @param {Part} part @param {PutAnswer} answer */
  #partEnded(upload, part, answer) {
    const { parts } = upload;
    if (answer.status === 200) {
      upload.attempt = 1;
      parts.arrived(part);
      if (parts.isSent) this.#finish(upload, part.size);
      else upload.arrived(part.size);
    } else {
      parts.failed(part);
      if (mayPass(answer)) this.#again(upload, () => this.#report(upload, answer), parts);
      else this.#report(upload, answer);
    }
  }

  /** The server was asked to sign parts. @param {Upload} upload @param {any} answer without parts where it did not */
  partsAnswered(upload, answer) {
    const { error } = answer;
    if (!upload.canPause) return;
    if (error?.code === "storage_busy") this.#again(upload, () => this.#fail(upload, error), upload.parts);
    else if (error) this.#fail(upload, error);
    else if (!answer.parts) this.judged(upload, answer);
    else if (upload.parts.isSent) this.#finish(upload, 0);
    else this.#context.scheduler.add(upload);
  }

  /** It was settled before. @param {Upload} upload @param {any} answer what the server says instead of letting it go on */
  judged(upload, answer) {
    this.#stop(upload);
    this.reports.hear(upload, answer);
  }

  /**
   * All bytes have arrived. The server is told as soon as their checksum is known, or cannot be had.
   * @param {Upload} upload @param {number} bytes with which it was finished @param {PutAnswer} [answer] of a whole file
   */
  async #finish(upload, bytes, answer) {
    const { id, file } = upload;
    upload.sentBytes = file.size;
    upload.arrived(bytes);
    this.#stop(upload);
    this.reports.expect(upload);
    this.reports.held += 1;
    const crc64 = await upload.checksum;
    const problem = crc64 === null && (await problemOfReading(file));
    this.reports.held -= 1;
    if (upload.id !== id || !upload.isOpen) return;
    if (problem) this.#fail(upload, { code: problem });
    else this.reports.ended(upload, { ...answer, crc64 });
  }

  /** It goes no further by itself. Why, the server will say. @param {Upload} upload @param {PutAnswer} answer */
  async #report(upload, answer) {
    const { id, url } = upload;
    const evidence = answer.status === null && url && lineEvidence(url);
    this.#stop(upload);
    if (evidence) answer.evidence = JSON.stringify(await evidence);
    if (upload.id === id && upload.isOpen) this.reports.ended(upload, answer);
  }

  /** An attempt that failed is not the end where another one may help. @param {Upload} upload @param {any} answer */
  #hear(upload, answer) {
    const { error, file_state: state, retry, cause } = answer;
    const isUndone = state === "waiting" || (state === "failed" && retry === "same");
    const arePartsMissing = answer.missing || (isUndone && ["parts_missing", "parts_lost"].includes(cause?.code));
    // Of a file in parts the server knows by now that all are there: it will see to the rest.
    if (state === "checking" && upload.parts?.isSent) upload.wasTaken = true;
    if (!upload.isOpen) upload.hear(answer);
    else if (arePartsMissing && upload.parts) this.#sendMissing(upload, answer.missing ?? []);
    else if (error) upload.fail(error);
    else if (isUndone) this.#again(upload, () => upload.fail(cause ?? { code: "failed" }, "same"));
    else upload.hear(answer);
  }

  /** @param {Upload} upload @param {import("./part-plan.js").Ranges} missing */
  #sendMissing(upload, missing) {
    upload.move("waiting");
    upload.parts.restore(missing);
    this.#again(upload, () => this.#report(upload, { status: null }), upload.parts);
  }

  /** @param {Upload} upload @param {() => void} giveUp @param {any} parts null: from the beginning */
  #again(upload, giveUp, parts = null) {
    tryAgain(upload, parts, { ...this.#context, giveUp });
  }

  /** Nothing of it is sent until the server has spoken. @param {Upload} upload */
  #stop(upload) {
    this.#context.scheduler.stop(upload);
    upload.move("checking");
  }

  /** @param {Upload} upload @param {{code: any, message?: string}} cause */
  #fail(upload, cause) {
    this.#context.scheduler.stop(upload);
    upload.fail(cause);
    if (upload.retry === null) this.reports.cancelled(upload);
  }
}
