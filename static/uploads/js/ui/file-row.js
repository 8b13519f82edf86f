/** One file in the list. */

import { clone, find, setSymbol, setText } from "../lib/dom.js";
import { splitName } from "../lib/format.js";

/**
 * @typedef {{formats: ReturnType<typeof import("../lib/format.js").formats>,
 *   messages: ReturnType<typeof import("../lib/messages.js").readMessages>}} Words
 */

export class FileRow {
  #words;
  #parts;
  #name = "";

  /**
   * @param {HTMLTemplateElement} template
   * @param {any} upload
   * @param {Words} words
   */
  constructor(template, upload, words) {
    this.upload = upload;
    this.#words = words;
    this.element = clone(template);
    const part = (/** @type {string} */ name) => find(`[data-part="${name}"]`, this.element);
    this.#parts = {
      glyph: part("glyph"), name: part("name"), head: part("head"), tail: part("tail"), word: part("word"),
      more: part("more"), note: part("note"), retry: part("retry"), drop: part("drop"),
    };
    const size = words.formats.size(upload.file.size);
    for (const element of this.element.querySelectorAll('[data-part="size"]')) element.textContent = size;
    this.update();
  }

  /** Show what the upload is now. */
  update() {
    const { upload } = this;
    const kind = upload.isRefused ? "refused" : upload.state;
    this.element.dataset.fileState = upload.state;
    this.element.toggleAttribute("data-refused", upload.isRefused);
    setSymbol(this.#parts.glyph, `s-${kind}`);
    setText(this.#parts.word, this.#words.messages.text(`state.${kind}`));
    setText(this.#parts.more, this.#more());
    setText(this.#parts.note, this.#notes());
    this.#showName();
    this.#showActions();
  }

  #more() {
    const { upload } = this;
    const { messages, formats } = this.#words;
    if (upload.state === "failed" || upload.state === "mismatch") return this.#cause();
    if (upload.state === "stored") return upload.storedAt ? formats.time(upload.storedAt) : "";
    if (upload.state === "sending") return messages.text("more.sending", { time: formats.time(upload.startedAt) });
    return messages.text(upload.state === "checking" && !upload.wasTaken ? "more.asking" : `more.${upload.state}`);
  }

  #cause() {
    const { code, message } = this.upload.cause ?? { code: "", message: "" };
    if (message) return message;
    const { messages } = this.#words;
    return messages.text(messages.has(`cause.${code}`) ? `cause.${code}` : `cause.${this.upload.state}`);
  }

  #notes() {
    const { messages } = this.#words;
    const notes = [];
    if (this.upload.nameWasCleaned) notes.push(messages.text("note.cleaned"));
    if (this.upload.wasChosenTwice) notes.push(messages.text("note.twice"));
    return notes.join(" ");
  }

  #showName() {
    const { name } = this.upload;
    if (name === this.#name) return;
    this.#name = name;
    const [head, tail] = splitName(name);
    setText(this.#parts.head, head);
    setText(this.#parts.tail, tail);
    this.#parts.name.title = name;
    this.#parts.retry.setAttribute("aria-label", this.#words.messages.text("action.retry", { name }));
  }

  #showActions() {
    const { retry, drop } = this.#parts;
    const { upload } = this;
    const action = upload.canCancel ? "cancel" : "remove";
    retry.hidden = !upload.canRetry;
    drop.hidden = !upload.canCancel && !["failed", "mismatch", "cancelled"].includes(upload.state);
    drop.dataset.action = action;
    const label = this.#words.messages.text(`action.${action}`, { name: upload.name });
    drop.setAttribute("aria-label", label);
    drop.title = label;
  }
}
