/** Finding, copying and changing elements. */

/**
 * @param {ParentNode} root
 * @returns {Record<string, any>} its elements by their `data-part`, which the template promises
 */
export function partsOf(root) {
  const parts = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-part]"));
  return Object.fromEntries([...parts].map((part) => [part.dataset.part, part]));
}

/**
 * @param {HTMLTemplateElement} template
 * @returns {{element: any, parts: Record<string, any>}} a copy of its one element
 */
export function copyOf(template) {
  const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  return { element: copy.firstElementChild, parts: partsOf(copy) };
}

/**
 * @param {EventTarget} target
 * @param {string} types of events, with spaces between them
 * @param {(event: any) => void} handler
 */
export function on(target, types, handler) {
  for (const type of types.split(" ")) target.addEventListener(type, handler);
}

/**
 * Show what has changed, and nothing else, so that nothing is laid out or read aloud again.
 * @param {Record<string, any>} parts
 * @param {Record<string, string | boolean>} values for each part its text, or whether it is there
 */
export function show(parts, values) {
  for (const [name, value] of Object.entries(values)) {
    const part = parts[name];
    if (typeof value === "boolean") part.hidden = !value;
    else if (part.textContent !== value) part.textContent = value;
  }
}
