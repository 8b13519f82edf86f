/** The list of files: rows keep their place, and change at most once in a frame. */

import { oncePerFrame } from "../lib/frame.js";
import { FileRow } from "./file-row.js";

/** Emits `file:retry`, `file:cancel` and `file:remove`, each with `detail.upload`. */
export class FileList extends EventTarget {
  #element;
  #template;
  #words;
  /** @type {Map<any, FileRow>} */
  #rows = new Map();
  /** @type {WeakMap<Element, FileRow>} */
  #rowOf = new WeakMap();
  /** @type {Set<FileRow>} */
  #changed = new Set();
  /** @type {FileRow[]} */
  #added = [];
  #update = oncePerFrame(() => this.#flush());

  /**
   * @param {HTMLElement} element
   * @param {HTMLTemplateElement} template of a row
   * @param {import("./file-row.js").Words} words
   */
  constructor(element, template, words) {
    super();
    this.#element = element;
    this.#template = template;
    this.#words = words;
    element.addEventListener("click", (event) => this.#act(event));
  }

  /** @param {any} upload */
  add(upload) {
    const row = new FileRow(this.#template, upload, this.#words);
    this.#rows.set(upload, row);
    this.#rowOf.set(row.element, row);
    this.#added.push(row);
    this.#update();
  }

  /** @param {any} upload */
  change(upload) {
    const row = this.#rows.get(upload);
    if (!row) return;
    this.#changed.add(row);
    this.#update();
  }

  /** @param {any} upload */
  remove(upload) {
    const row = this.#rows.get(upload);
    if (!row) return;
    this.#rows.delete(upload);
    this.#added = this.#added.filter((added) => added !== row);
    const neighbour = row.element.nextElementSibling ?? row.element.previousElementSibling;
    const hadFocus = row.element.contains(document.activeElement);
    row.element.remove();
    if (hadFocus) /** @type {HTMLElement | null} */ (neighbour)?.focus();
  }

  /** Go to the first row that needs the visitor. */
  showFirstProblem() {
    const selector = '[data-file-state="failed"], [data-file-state="mismatch"]';
    const row = /** @type {HTMLElement | null} */ (this.#element.querySelector(selector));
    row?.focus();
  }

  /** A button of the page went away: what it was about is told here. */
  focus() {
    this.#element.focus({ preventScroll: true });
  }

  /** @returns {boolean} whether more than one row can be sent again */
  get hasSeveralRetries() {
    const selector = '[data-file-state="failed"] [data-part="retry"]:not([hidden])';
    return this.#element.querySelectorAll(selector).length > 1;
  }

  #flush() {
    this.#element.append(...this.#added.map((row) => row.element));
    this.#added = [];
    for (const row of this.#changed) this.#refresh(row);
    this.#changed.clear();
  }

  /**
   * A button that goes away leaves the focus to its row.
   * @param {FileRow} row
   */
  #refresh(row) {
    const focused = row.element.contains(document.activeElement) ? document.activeElement : null;
    row.update();
    if (focused?.closest("[hidden]")) row.element.focus();
  }

  /** @param {Event} event */
  #act(event) {
    const button = /** @type {Element} */ (event.target).closest("[data-action]");
    const row = this.#rowOf.get(button?.closest("li") ?? document.body);
    if (!button || !row) return;
    const { upload } = row;
    this.dispatchEvent(new CustomEvent(`file:${button.getAttribute("data-action")}`, { detail: { upload } }));
  }
}
