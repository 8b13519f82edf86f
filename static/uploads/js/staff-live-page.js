/** Entry of a page's detail: its live parts follow what the server has seen. */

import { find } from "./staff-find.js";
import { LiveNote } from "./staff-live-note.js";
import { LivePoll } from "./staff-live-poll.js";
import { swapLiveParts } from "./staff-live-swap.js";

const uploads = find("[data-live-url]");
const note = new LiveNote(find("[data-live-note]"));

new LivePoll({
  // The address keeps filter, search and page, so the live parts do as well.
  url: uploads.dataset.liveUrl + location.search,
  etag: uploads.dataset.liveEtag,
  onChange: swapLiveParts,
  onStatus: (status) => note.show(status),
}).start();
