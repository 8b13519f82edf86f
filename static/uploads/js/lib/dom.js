/** Finding, copying and changing elements. */

/** While a page is hidden there are no frames, but its title is still read. */
const HIDDEN_MS = 250;

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
    else if (part.textContent !== value) part.textContent = value;
  }
}

/**
 * @param {() => void} update
 * @returns {() => void} asks for one update in the next frame, however often it is called
 */
export function oncePerFrame(update) {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    const run = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      isAsked = false;
      update();
    };
    const frame = requestAnimationFrame(run);
    const timer = setTimeout(run, HIDDEN_MS);
  };
}
