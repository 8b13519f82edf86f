/** How long a URL still works. The server says how many seconds; the reader's wall clock may be wrong. */

import { startStopwatch } from "./engine/grant.js";
import { find, setText } from "./staff-find.js";

const EVERY_MS = 1000;

/** @param {HTMLElement} section with the seconds in `data-countdown` */
export function countDown(section) {
  const seconds = Number(section.dataset.countdown);
  const elapsedMs = startStopwatch();
  const bar = find("[data-part=bar]", section);
  const figure = find("[data-part=figure]", section);
  const timer = setInterval(() => {
    const left = Math.max(0, Math.ceil(seconds - elapsedMs() / 1000));
    setText(figure, clock(left));
    bar.value = left;
    if (left > 0) return;
    clearInterval(timer);
    find("[data-part=left]", section).hidden = true;
    find("[data-part=over]", section).hidden = false;
  }, EVERY_MS);
}

/** @param {number} seconds */
function clock(seconds) {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = `${seconds % 60}`.padStart(2, "0");
  return hours ? `${hours}:${`${minutes}`.padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
