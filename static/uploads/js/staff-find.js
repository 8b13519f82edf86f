/** Elements of the staff's pages. */

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
 * @param {Element} element
 * @param {string} text which is not read aloud again where it is the same
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
