/** Entry of a signed URL: its time runs down, and its grant's state follows what the server sees. */

import { find } from "./staff-find.js";
import { countDown } from "./staff-countdown.js";
import { LiveNote } from "./staff-live-note.js";
import { LivePoll } from "./staff-live-poll.js";
import { swapLiveParts } from "./staff-live-swap.js";

countDown(find("[data-countdown]"));

// A URL for reading has no grant.
const live = document.querySelector("[data-live-url]");
if (live instanceof HTMLElement) {
  const note = new LiveNote(find("[data-live-note]"));
  new LivePoll({
    url: live.dataset.liveUrl ?? "",
    etag: live.dataset.liveEtag ?? "",
    onChange: swapLiveParts,
    onStatus: (status) => note.show(status),
  }).start();
}
