/** Forms that make something are sent once, however often their button is pressed. The server checks it too. */

/** @param {ParentNode} root */
export function sendFormsOnce(root) {
  for (const form of root.querySelectorAll("form[data-once]")) {
    const button = form.querySelector("button:not([type=button])");
    form.addEventListener("submit", (event) => {
      if (button?.getAttribute("aria-busy")) event.preventDefault();
      button?.setAttribute("aria-busy", "true");
    });
    // Back in this page as it was left, it may be sent again.
    addEventListener("pageshow", () => button?.removeAttribute("aria-busy"));
  }
}
