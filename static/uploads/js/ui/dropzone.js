/** Ways to get files in: the browser's dialog for files or a folder, the camera, dropping, pasting. */

import { find } from "../lib/dom.js";
import { folderOf, Harvest } from "./gather.js";

/** How the one input asks, by the button that was pressed. @type {Record<string, Record<string, string>>} */
const ASKING = {
  files: {},
  folder: { webkitdirectory: "" },
  camera: { accept: "image/*,video/*", capture: "environment" },
};

/** Emits `files:chosen` ({entries}) once or more for one choice, then `files:gathered` ({harvest, isFolder}). */
export class Dropzone extends EventTarget {
  #element;
  #input;
  #way = "files";
  /** Nested elements each say that the pointer enters and leaves them. */
  #depth = 0;

  /** @param {HTMLElement} element */
  constructor(element) {
    super();
    this.#element = element;
    this.#input = find("input[type=file]", element);
    this.#listenToInput();
    // The whole window, so that a file that misses the zone is not opened in place of the page.
    window.addEventListener("dragenter", (event) => this.#over(event, 1));
    window.addEventListener("dragleave", (event) => this.#over(event, -1));
    window.addEventListener("dragover", (event) => accept(event, event.dataTransfer));
    window.addEventListener("drop", (event) => {
      this.#over(event, -this.#depth);
      this.#takeTransfer(event, event.dataTransfer);
    });
    window.addEventListener("paste", (event) => this.#takeTransfer(event, event.clipboardData));
  }

  /**
   * Make way for the list.
   * @param {Element} list
   */
  moveBelow(list) {
    if (this.#element.classList.contains("drop--slim")) return;
    this.#element.classList.add("drop--slim");
    const focused = this.#element.contains(document.activeElement) ? document.activeElement : null;
    list.after(this.#element);
    /** @type {HTMLElement | null} */ (focused)?.focus();
  }

  /** No list is left. The focus that went with its last row has nowhere else to go. */
  unfold() {
    this.#element.classList.remove("drop--slim");
    if (document.activeElement === document.body) this.#input.focus();
  }

  /** Take what the input has, also what was chosen before this script ran. */
  takeChosen() {
    const files = /** @type {File[]} */ ([...(this.#input.files ?? [])]);
    this.#gather(this.#way, (harvest) =>
      harvest.take(files.map((file) => ({ file, path: folderOf(file.webkitRelativePath) }))),
    );
    // The same file may be chosen again after it was removed.
    this.#input.value = "";
    this.#ask("files");
  }

  #listenToInput() {
    this.#input.addEventListener("change", () => this.takeChosen());
    this.#input.addEventListener("cancel", () => this.#ask("files"));
    for (const button of this.#element.querySelectorAll("button")) {
      button.hidden = button.value === "folder" && !("webkitdirectory" in this.#input);
      button.addEventListener("click", () => {
        this.#ask(button.value);
        this.#input.click();
      });
    }
    // Without the event `cancel`, older browsers would ask the next time as they did the last time.
    this.#input.addEventListener("click", (event) => event.isTrusted && this.#ask("files"));
  }

  /** @param {string} way */
  #ask(way) {
    this.#way = way;
    for (const name of ["webkitdirectory", "accept", "capture"]) this.#input.removeAttribute(name);
    for (const [name, value] of Object.entries(ASKING[way])) this.#input.setAttribute(name, value);
  }

  /**
   * @param {Event} event
   * @param {DataTransfer | null} transfer
   */
  #takeTransfer(event, transfer) {
    if (!transfer || !accept(event, transfer)) return;
    // The browser empties it as soon as this turn is over.
    const items = [...transfer.items].filter(({ kind }) => kind === "file");
    const entries = items.map((item) => item.webkitGetAsEntry?.());
    const files = items.map((item, place) => (entries[place] ? null : item.getAsFile()));
    this.#gather(entries.some((entry) => entry?.isDirectory) ? "folder" : "files", (harvest) => {
      harvest.take(files.flatMap((file) => (file ? { file, path: "" } : [])));
      return harvest.open(entries.filter(Boolean));
    });
  }

  /**
   * @param {string} way
   * @param {(harvest: Harvest) => void | Promise<void>} fill
   */
  async #gather(way, fill) {
    const harvest = new Harvest((entries) => this.#emit("chosen", { entries }));
    await fill(harvest);
    this.#emit("gathered", { harvest, isFolder: way === "folder" });
  }

  /**
   * @param {string} event
   * @param {any} detail
   */
  #emit(event, detail) {
    this.dispatchEvent(new CustomEvent(`files:${event}`, { detail }));
  }

  /**
   * @param {DragEvent} event
   * @param {number} step
   */
  #over(event, step) {
    if (!accept(event, event.dataTransfer)) return;
    this.#depth = Math.max(0, this.#depth + step);
    this.#element.toggleAttribute("data-over", this.#depth > 0);
  }
}

/**
 * Text that is dragged about or pasted is left to the browser.
 * @param {Event} event
 * @param {DataTransfer | null} transfer
 * @returns {boolean} whether it carries files
 */
function accept(event, transfer) {
  if (!transfer?.types.includes("Files")) return false;
  event.preventDefault();
  return true;
}
