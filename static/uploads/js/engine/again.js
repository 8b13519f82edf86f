/** When a file is tried again, and how often. */

import { backOffMs } from "./retry.js";

/** In a row, without a byte between them: with their pauses about a minute, so that a short outage ends nothing. */
const MOST_FAILURES = 10;

/**
 * Later, with the parts that are missing, of which none is sent until then; or from the beginning.
 * @param {import("./upload.js").Upload} upload
 * @param {import("./multipart.js").Multipart | null} parts null: from the beginning, under a fresh grant
 * @param {{patience: import("./retry.js").Patience, giveUp: () => void,
 *   scheduler: {add: (upload: import("./upload.js").Upload) => void}}} steps `giveUp`: what is done instead when it was
 *   tried too often
 */
export async function tryAgain(upload, parts, { patience, giveUp, scheduler }) {
  if (parts?.isAtRest) return;
  if (upload.attempt >= MOST_FAILURES) {
    giveUp();
    return;
  }
  upload.failures += 1;
  if (!parts) upload.again();
  else {
    parts.isAtRest = true;
    upload.move();
  }
  await patience.rest(backOffMs(upload.failures - 1));
  if (parts) parts.isAtRest = false;
  if (upload.parts === parts && upload.canPause && (parts || !upload.grant)) scheduler.add(upload);
}
