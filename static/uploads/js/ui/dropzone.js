/** Ways to get files in: the browser's dialog for files or a folder, the camera, dropping, pasting. */

import { on } from "../lib/dom.js";
import { folderOf } from "./gather.js";

const WAYS = ["webkitdirectory", "accept", "capture"];

export class Dropzone {
  #element;
  #input;
  #take;
  /** Nested elements each say that the pointer enters and leaves them. */
  #depth = 0;

  /**
   * @param {HTMLElement} element
   * @param {(files: import("./gather.js").Found[], entries: any[]) => void} take what was chosen, dropped or pasted
   */
  constructor(element, take) {
    this.#element = element;
    this.#input = /** @type {HTMLInputElement} */ (element.querySelector("input"));
    this.#take = take;
    on(this.#input, "change", () => this.takeChosen());
    // A dialog that was closed without a choice may have been of another kind.
    on(this.#input, "click", ({ isTrusted }) => isTrusted && this.#ask({}));
    for (const button of element.querySelectorAll("button")) this.#offer(button);
    // The whole window, so that a file that misses the zone is not opened in place of the page.
    on(window, "dragenter dragleave dragover drop", (event) => this.#drag(event));
    on(window, "paste", (event) => accept(event, event.clipboardData) && this.#open(event.clipboardData));
  }

  /**
   * Make way for the list.
   * @param {Element} end of the list
   */
  moveBelow(end) {
    if (this.#element.classList.contains("drop--slim")) return;
    this.#element.classList.add("drop--slim");
    const focused = /** @type {HTMLElement} */ (document.activeElement);
    const hadFocus = this.#element.contains(focused);
    end.after(this.#element);
    if (hadFocus) focused.focus();
  }

  /** No list is left. The focus that went with its last row has nowhere else to go. */
  unfold() {
    this.#element.classList.remove("drop--slim");
    if (document.activeElement === document.body) this.#input.focus();
  }

  /** Take what the input has, also what was chosen before this script ran. */
  takeChosen() {
    const files = /** @type {FileList} */ (this.#input.files);
    const found = [...files].map((file) => ({ file, path: folderOf(file.webkitRelativePath) }));
    // The same file may be chosen again after it was removed.
    this.#input.value = "";
    this.#ask({});
    if (found.length > 0) this.#take(found, []);
  }

  /** @param {HTMLButtonElement} button for another way to choose */
  #offer(button) {
    button.hidden = "webkitdirectory" in button.dataset && !("webkitdirectory" in this.#input);
    on(button, "click", () => {
      this.#ask(button.dataset);
      this.#input.click();
    });
  }

  /**
   * The one input asks for files, a folder or the camera.
   * @param {Record<string, string | undefined>} way attributes of the input
   */
  #ask(way) {
    for (const name of WAYS) {
      this.#input.removeAttribute(name);
      if (name in way) this.#input.setAttribute(name, way[name] ?? "");
    }
  }

  /** @param {DragEvent} event */
  #drag(event) {
    const { type, dataTransfer } = event;
    if (!accept(event, dataTransfer)) return;
    if (type === "dragenter") this.#depth += 1;
    if (type === "dragleave") this.#depth -= 1;
    if (type === "drop") this.#depth = 0;
    this.#element.toggleAttribute("data-over", this.#depth > 0);
    if (type === "drop") this.#open(/** @type {DataTransfer} */ (dataTransfer));
  }

  /**
   * The browser empties it as soon as this turn is over.
   * @param {DataTransfer} transfer
   */
  #open({ items }) {
    const files = [];
    const entries = [];
    for (const item of items) {
      const entry = item.webkitGetAsEntry?.();
      const file = entry ? null : item.getAsFile();
      if (entry) entries.push(entry);
      if (file) files.push({ file, path: "" });
    }
    this.#take(files, entries);
  }
}

/**
 * Text that is dragged about or pasted is left to the browser.
 * @param {Event} event
 * @param {DataTransfer | null} transfer
 * @returns {boolean} whether it carries files
 */
function accept(event, transfer) {
  const hasFiles = Boolean(transfer?.types.includes("Files"));
  if (hasFiles) event.preventDefault();
  return hasFiles;
}
