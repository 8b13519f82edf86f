/** Copy buttons. Browsers give `navigator.clipboard` to https and localhost only; a LAN address has to select and copy. */

const SHOWN_MS = 2000;

/** @param {ParentNode} root */
export function enableCopyButtons(root) {
  for (const element of root.querySelectorAll("[data-copy]")) {
    const button = /** @type {HTMLElement} */ (element);
    button.addEventListener("click", () => copyFor(button));
  }
}

/** @param {HTMLElement} button */
async function copyFor(button) {
  const source = document.getElementById(button.dataset.copy ?? "");
  if (!source) return;
  const isCopied = (await writeToClipboard(source.textContent ?? "")) || copyBySelecting(source);
  showWord(button, (isCopied ? button.dataset.copied : button.dataset.notCopied) ?? "");
}

/** @param {string} text */
async function writeToClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No clipboard here, or the browser refuses it; the text is selected instead.
    return false;
  }
}

/** @param {HTMLElement} source stays selected, so that Ctrl+C works where this does not */
function copyBySelecting(source) {
  getSelection()?.selectAllChildren(source);
  return document.execCommand("copy");
}

/** @type {WeakMap<Element, {usual: string, timer: number}>} */
const shown = new WeakMap();

/**
 * @param {HTMLElement} button
 * @param {string} word
 */
function showWord(button, word) {
  const place = button.querySelector("[data-copy-word]");
  if (!place) return;
  const before = shown.get(place);
  const usual = before?.usual ?? place.textContent ?? "";
  clearTimeout(before?.timer);
  place.textContent = word;
  const timer = setTimeout(() => {
    place.textContent = usual;
    shown.delete(place);
  }, SHOWN_MS);
  shown.set(place, { usual, timer });
}
