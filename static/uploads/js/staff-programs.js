/** Entry of pages with client programs: tabs instead of one below the other, and downloads. Copying is staff-page.js. */

const MEMORY = "uploads:program";

for (const section of document.querySelectorAll("[data-programs]")) {
  makeTabs(section);
  enableDownloads(section);
}

/**
 * Tabs as https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ has them; each tab's id of its panel is in aria-controls.
 * @param {Element} section
 */
function makeTabs(section) {
  const list = section.querySelector("[role=tablist]");
  const tabs = /** @type {HTMLElement[]} */ ([...section.querySelectorAll("[role=tab]")]);
  if (!list || !tabs.length) return;
  for (const tab of tabs) {
    panelOf(tab)?.setAttribute("role", "tabpanel");
    panelOf(tab)?.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", () => select(tab, tabs));
    tab.addEventListener("keydown", (event) => moveByKey(event, tabs));
  }
  select(tabs.find((tab) => tab.id === `tab-${remembered()}`) ?? tabs[0], tabs);
  list.removeAttribute("hidden");
}

/** @param {HTMLElement} tab */
function panelOf(tab) {
  return document.getElementById(tab.getAttribute("aria-controls") ?? "");
}

/**
 * @param {HTMLElement} chosen
 * @param {HTMLElement[]} tabs
 */
function select(chosen, tabs) {
  for (const tab of tabs) {
    tab.setAttribute("aria-selected", String(tab === chosen));
    tab.tabIndex = tab === chosen ? 0 : -1;
    panelOf(tab)?.toggleAttribute("hidden", tab !== chosen);
  }
  remember(chosen.id.replace("tab-", ""));
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement[]} tabs
 */
function moveByKey(event, tabs) {
  const at = tabs.indexOf(/** @type {HTMLElement} */ (event.currentTarget));
  const last = tabs.length - 1;
  const next = { ArrowRight: at < last ? at + 1 : 0, ArrowLeft: at > 0 ? at - 1 : last, Home: 0, End: last }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  select(tabs[next], tabs);
  tabs[next].focus();
}

/** The client that was looked at last: who writes Java will again. */
function remembered() {
  try {
    return localStorage.getItem(MEMORY);
  } catch {
    return null;
  }
}

/** @param {string} code */
function remember(code) {
  try {
    localStorage.setItem(MEMORY, code);
  } catch {
    // Storage is full or forbidden: next time the first tab is shown.
  }
}

/** @param {Element} section */
function enableDownloads(section) {
  for (const element of section.querySelectorAll("[data-download]")) {
    const button = /** @type {HTMLElement} */ (element);
    button.addEventListener("click", () => download(button.dataset.download ?? "", button.dataset.fileName ?? ""));
    button.hidden = false;
  }
}

/**
 * @param {string} sourceId
 * @param {string} fileName
 */
function download(sourceId, fileName) {
  const text = document.getElementById(sourceId)?.textContent ?? "";
  const link = document.createElement("a");
  // No type that a browser would know better than the name's ending.
  link.href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  link.download = fileName;
  link.click();
  // Not at once: some browsers read it a moment later.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
