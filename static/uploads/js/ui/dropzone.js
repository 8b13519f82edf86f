/** Ways to get files in: the browser's dialogs for files, a folder and the camera, dropping, pasting. */

import { on } from "../lib/dom.js";

/**
 * @param {HTMLElement} element
 * @param {(dropped: any[]) => void} take files, or entries of the File and Directory Entries API
 */
export function dropzone(element, take) {
  for (const input of element.querySelectorAll("input")) offer(input, take);
  // The whole window, so that a file that misses the zone is not opened in place of the page.
  on(window, "dragenter dragleave dragover drop", (event) => {
    const { type, dataTransfer, relatedTarget } = event;
    if (!accept(event, dataTransfer)) return;
    // It is left for nothing else when it leaves the window.
    element.toggleAttribute("data-over", type !== "drop" && (type !== "dragleave" || relatedTarget !== null));
    if (type === "drop") take(contentOf(dataTransfer));
  });
  on(window, "paste", (event) => accept(event, event.clipboardData) && take(contentOf(event.clipboardData)));
}

/**
 * @param {HTMLInputElement} input
 * @param {(files: File[]) => void} take
 */
function offer(input, take) {
  const takeChosen = () => {
    const files = [.../** @type {FileList} */ (input.files)];
    // The same file may be chosen again after it was removed.
    input.value = "";
    if (files.length > 0) take(files);
  };
  const asksForFolder = input.hasAttribute("webkitdirectory");
  if (asksForFolder && !("webkitdirectory" in input)) /** @type {any} */ (input.parentElement).hidden = true;
  on(input, "change", takeChosen);
  // What was chosen before this script ran.
  takeChosen();
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

/**
 * The browser empties it as soon as this turn is over.
 * @param {DataTransfer} transfer
 */
function contentOf({ items }) {
  return [...items].map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile()).filter(Boolean);
}
