/** Choosing files: by the input, or dropped anywhere on the page. */

import { find } from "../lib/dom.js";

/** Emits `files:chosen` ({files}) and `files:folders` when folders were among what was dropped. */
export class Dropzone extends EventTarget {
  #element;
  #input;
  /** Nested elements each say that the pointer enters and leaves them. */
  #depth = 0;

  /** @param {HTMLElement} element */
  constructor(element) {
    super();
    this.#element = element;
    this.#input = /** @type {HTMLInputElement} */ (find("input[type=file]", element));
    this.#input.addEventListener("change", () => this.takeChosen());
    // The whole window, so that a file that misses the zone is not opened in place of the page.
    window.addEventListener("dragenter", (event) => this.#over(event, 1));
    window.addEventListener("dragleave", (event) => this.#over(event, -1));
    window.addEventListener("dragover", (event) => accept(event));
    window.addEventListener("drop", (event) => this.#takeDropped(event));
  }

  /**
   * Make way for the list.
   * @param {Element} list
   */
  moveBelow(list) {
    if (this.#element.classList.contains("drop--slim")) return;
    this.#element.classList.add("drop--slim");
    const hadFocus = document.activeElement === this.#input;
    list.after(this.#element);
    if (hadFocus) this.#input.focus();
  }

  /** No list is left. The focus that went with its last row has nowhere else to go. */
  unfold() {
    this.#element.classList.remove("drop--slim");
    if (document.activeElement === document.body) this.#input.focus();
  }

  /** Take what the input has, also what was chosen before this script ran. */
  takeChosen() {
    const files = [...(this.#input.files ?? [])];
    // The same file may be chosen again after it was removed.
    this.#input.value = "";
    this.#emit(files);
  }

  /** @param {DragEvent} event */
  #takeDropped(event) {
    if (!accept(event)) return;
    this.#over(event, -this.#depth);
    const items = [...(event.dataTransfer?.items ?? [])].filter(({ kind }) => kind === "file");
    const files = [];
    for (const item of items) {
      const file = item.webkitGetAsEntry?.()?.isDirectory ? null : item.getAsFile();
      if (file) files.push(file);
    }
    this.#emit(files);
    if (files.length < items.length) this.dispatchEvent(new CustomEvent("files:folders"));
  }

  /** @param {File[]} files */
  #emit(files) {
    if (files.length > 0) this.dispatchEvent(new CustomEvent("files:chosen", { detail: { files } }));
  }

  /**
   * @param {DragEvent} event
   * @param {number} step
   */
  #over(event, step) {
    if (!accept(event)) return;
    this.#depth = Math.max(0, this.#depth + step);
    this.#element.toggleAttribute("data-over", this.#depth > 0);
  }
}

/**
 * Text that is dragged about is left to the browser.
 * @param {DragEvent} event
 * @returns {boolean} whether it carries files
 */
function accept(event) {
  if (!event.dataTransfer?.types.includes("Files")) return false;
  event.preventDefault();
  return true;
}
