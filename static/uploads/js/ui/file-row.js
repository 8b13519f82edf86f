/** One file in the list. */

import { clone, find, partsOf, setLabel, setSymbol, setText } from "../lib/dom.js";
import { splitName } from "../lib/format.js";
import { speedOf } from "./speed.js";

/**
 * @typedef {{formats: ReturnType<typeof import("../lib/format.js").formats>,
 *   messages: ReturnType<typeof import("../lib/messages.js").readMessages>}} Words
 */

export class FileRow {
  #words;
  #parts;
  #name = "";

  /**
   * @param {any} upload
   * @param {Words} words
   */
  constructor(upload, words) {
    this.upload = upload;
    this.#words = words;
    this.element = clone(find("#file-row"));
    this.#parts = partsOf(this.element);
    this.#parts.path.textContent = this.#parts.path.title = upload.path;
    const size = words.formats.size(upload.file.size);
    for (const element of this.element.querySelectorAll(".file__size")) element.textContent = size;
    this.update();
  }

  get hasFocus() {
    return this.element.contains(document.activeElement);
  }

  /** Show what the upload is now. A button that goes away leaves the focus to the row. */
  update() {
    const { upload } = this;
    const focused = this.hasFocus ? document.activeElement : null;
    const kind = upload.isRefused ? "refused" : upload.state;
    this.element.dataset.fileState = upload.state;
    this.element.toggleAttribute("data-refused", upload.isRefused);
    setSymbol(this.#parts.glyph, `s-${kind}`);
    this.#showProgress(kind);
    setText(this.#parts.more, this.#more());
    setText(this.#parts.note, this.#notes());
    this.#showName();
    this.#showActions();
    if (focused?.closest("[hidden]")) this.element.focus();
  }

  /**
   * How much of it has arrived, as soon as that is known and as long as something is missing.
   * @param {string} kind
   */
  #showProgress(kind) {
    const { state, sentBytes, file } = this.upload;
    const { bar, word } = this.#parts;
    const { messages } = this.#words;
    const isOnItsWay = (state === "sending" || state === "paused") && sentBytes > 0;
    const percent = isOnItsWay ? Math.floor((100 * sentBytes) / file.size) : 0;
    bar.hidden = !isOnItsWay;
    bar.value = percent / 100;
    setText(word, messages.text(isOnItsWay ? `at.${state}` : `state.${kind}`, { percent }));
  }

  #more() {
    const { upload } = this;
    const { messages, formats } = this.#words;
    const { state } = upload;
    if (state === "failed" || state === "mismatch") return this.#cause();
    if (state === "stored") return upload.storedAt ? formats.time(upload.storedAt) : "";
    if (state === "sending") {
      return speedOf(upload, this.#words) || messages.text("more.sending", { time: formats.time(upload.startedAt) });
    }
    return messages.text(state === "checking" && !upload.wasTaken ? "more.asking" : `more.${state}`);
  }

  #cause() {
    const { code, message } = this.upload.cause ?? { code: "", message: "" };
    const { messages } = this.#words;
    return message || messages.text(messages.has(`cause.${code}`) ? `cause.${code}` : `cause.${this.upload.state}`);
  }

  #notes() {
    const { upload } = this;
    const notes = {
      cleaned: upload.nameWasCleaned, twice: upload.wasChosenTwice, continued: upload.wasContinued && upload.canCancel,
    };
    const said = Object.entries(notes).filter(([, isSo]) => isSo);
    return said.map(([name]) => this.#words.messages.text(`note.${name}`)).join(" ");
  }

  #showName() {
    const { name } = this.upload;
    if (name === this.#name) return;
    this.#name = name;
    const [head, tail] = splitName(name);
    setText(this.#parts.head, head);
    setText(this.#parts.tail, tail);
    this.#parts.name.title = name;
  }

  #showActions() {
    const { retry, pause, drop, resume } = this.#parts;
    const { canRetry, canPause, canResume, canCancel, state } = this.upload;
    retry.hidden = !canRetry;
    pause.hidden = !canPause && !canResume;
    drop.hidden = !canCancel && !["failed", "mismatch", "cancelled"].includes(state);
    resume.hidden = !canResume;
    pause.classList.toggle("button--icon", !canResume);
    setSymbol(pause.firstElementChild, canResume ? "i-play" : "i-pause");
    this.#call(retry, "retry");
    this.#call(pause, canResume ? "resume" : "pause");
    this.#call(drop, canCancel ? "cancel" : "remove");
  }

  /**
   * @param {HTMLElement} button
   * @param {string} action
   */
  #call(button, action) {
    button.dataset.action = action;
    setLabel(button, this.#words.messages.text(`action.${action}`, { name: this.upload.name }));
  }
}
