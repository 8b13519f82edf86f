/** What stands beside the list on a wide screen would stand before it on a narrow one: there it begins folded. */

const NARROW = "(max-width: 72rem)";

/** @param {ParentNode} root */
export function foldOnNarrowScreens(root) {
  if (!matchMedia(NARROW).matches) return;
  for (const details of root.querySelectorAll("details[data-narrow-closed]")) details.removeAttribute("open");
}
