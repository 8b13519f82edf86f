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
 * Change an element's text only if it differs, so that nothing is laid out or read aloud again.
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
