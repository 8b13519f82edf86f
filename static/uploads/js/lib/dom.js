/** Finding and making elements. */

/**
 * @param {string} selector
 * @param {ParentNode} root
 * @returns {any} the element, which the template promises
 */
export function find(selector, root = document) {
  const element = root.querySelector(selector);
  if (!element) throw new Error(`The page has no ${selector}`);
  return element;
}

/**
 * @param {ParentNode} root
 * @returns {Record<string, any>} its elements by their `data-part`, which the template promises
 */
export function partsOf(root) {
  return Object.fromEntries([...root.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
}

/**
 * @param {HTMLTemplateElement} template
 * @returns {any} a copy of its one element
 */
export function clone(template) {
  return template.content.firstElementChild?.cloneNode(true);
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
    else setText(part, value);
  }
}

/**
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {Element} element
 * @param {string} text what it is called where it shows only a symbol
 */
export function setLabel(element, text) {
  element.setAttribute("aria-label", text);
  element.title = text;
}

/**
 * @param {Element} svg
 * @param {string} symbol id of a symbol in the page
 */
export function setSymbol(svg, symbol) {
  svg.firstElementChild?.setAttribute("href", `#${symbol}`);
}
