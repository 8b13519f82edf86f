/** Says whether the list is live, and when that was last certain. */

import { find, setText } from "./staff-find.js";
import { clockTime } from "./staff-times.js";

export class LiveNote {
  #note;

  /** @param {HTMLElement} note */
  constructor(note) {
    this.#note = note;
    this.show("live");
    note.hidden = false;
  }

  /** @param {"live" | "stale" | "ended"} status */
  show(status) {
    const text = find(`[data-live-text="${status}"]`, this.#note).content.textContent;
    setText(find("[data-live-word]", this.#note), text);
    if (status === "live") setText(find("[data-live-time]", this.#note), clockTime(new Date()));
    this.#note.dataset.status = status;
  }
}
