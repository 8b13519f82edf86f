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
 * @param {HTMLTemplateElement} template
 * @returns {HTMLElement} a copy of its one element
 */
export function clone(template) {
  const element = template.content.firstElementChild?.cloneNode(true);
  return /** @type {HTMLElement} */ (element);
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
 * @param {Element} svg
 * @param {string} symbol id of a symbol in the page
 */
export function setSymbol(svg, symbol) {
  svg.firstElementChild?.setAttribute("href", `#${symbol}`);
}
