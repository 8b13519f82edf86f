/** Ways to get files in: dialogs for files, a folder and the camera, dropping, pasting; and what comes in with them. */

import { on, show } from "../lib/dom.js";

/** @typedef {{file: File, path: string}} Found a file and the folder in which it was, empty for none */

const LEFT_BY_SYSTEMS = /^(\.ds_store|thumbs\.db|desktop\.ini)$/i;

/**
 * @param {Record<string, any>} parts
 * @param {import("../lib/words.js").Words} words
 * @param {(found: Found[]) => void} add
 */
export function dropzone(parts, words, add) {
  const take = async (/** @type {any[]} */ files) =>
    show(parts, { gathered: gatheredText(await gather(files, add), words) });
  for (const input of parts.drop.querySelectorAll("input")) offer(input, take);
  // The whole window, so that a file that misses the zone is not opened in place of the page.
  on(window, "dragenter dragleave dragover drop paste", (event) => {
    const { type, dataTransfer, clipboardData, relatedTarget } = event;
    const { types, items } = dataTransfer ?? clipboardData ?? {};
    // Text that is dragged about or pasted is left to the browser.
    if (!types?.includes("Files")) return;
    event.preventDefault();
    // Files that leave the window go to nothing else in it.
    const isOver = type.startsWith("drag") && (type !== "dragleave" || relatedTarget !== null);
    parts.drop.toggleAttribute("data-over", isOver);
    // The browser empties the list as soon as this turn is over.
    if (type === "drop" || type === "paste") {
      take([...items].map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile()).filter(Boolean));
    }
  });
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
  const label = /** @type {HTMLElement} */ (input.parentElement);
  label.hidden = input.hasAttribute("webkitdirectory") && !("webkitdirectory" in input);
  on(input, "change", takeChosen);
  // What was chosen before this script ran.
  takeChosen();
}

/**
 * @param {any[]} dropped files, or entries of the File and Directory Entries API: files, and folders with all in them
 * @param {(found: Found[]) => void} add called as soon as some are known: folders can be large
 * @returns {Promise<{files: number, leftOut: number, unreadable: number}>} how many there were
 */
export async function gather(dropped, add) {
  const sums = { files: 0, leftOut: 0, unreadable: 0 };
  const ask = async (/** @type {any} */ entry, /** @type {string} */ method) => {
    try {
      return await new Promise((resolve, reject) => entry[method](resolve, reject));
    } catch {
      sums.unreadable += 1;
    }
  };
  const open = async (/** @type {any[]} */ entries) => {
    const read = async (/** @type {any} */ entry) => ({
      file: entry.isFile ? await ask(entry, "file") : entry,
      path: folderOf(entry.fullPath ?? entry.webkitRelativePath),
    });
    const found = (await Promise.all(entries.map(read))).filter(({ file }) => file instanceof File);
    const kept = found.filter(({ file }) => !LEFT_BY_SYSTEMS.test(file.name));
    sums.files += kept.length;
    sums.leftOut += found.length - kept.length;
    if (kept.length > 0) add(kept);
    for (const folder of entries.filter(({ isDirectory }) => isDirectory)) {
      const reader = folder.createReader();
      // A hundred at a time, until there are no more.
      for (let more; (more = await ask(reader, "readEntries"))?.length; ) await open(more);
    }
  };
  await open(dropped);
  return sums;
}

/**
 * What of the choice is not in the list, and why.
 * @param {{files: number, leftOut: number, unreadable: number}} sums
 * @param {import("../lib/words.js").Words} words
 * @returns {string} empty if there is nothing to say
 */
export function gatheredText({ files, leftOut, unreadable }, { text, plural }) {
  const sentences = [];
  if (!files && !unreadable) sentences.push(text("gathered.empty"));
  if (unreadable) sentences.push(plural("gathered.unreadable", unreadable));
  if (leftOut) sentences.push(plural("gathered.left-out", leftOut));
  return sentences.join(" ");
}

/**
 * @param {string} path of a file: `/photos/2026/a.jpg`, or `photos/2026/a.jpg`
 * @returns {string} `photos/2026`
 */
export function folderOf(path) {
  return path.replace(/^\/|\/?[^/]*$/g, "");
}
