/** Which files have a row. A browser that lays out 10,000 rows stutters at each change; 200 it does not feel. */

export const MOST_ROWS = 200;

/** What needs the visitor comes first, then what moves. @type {Record<string, number>} */
const RANK = {
  failed: 0, mismatch: 0, sending: 1, paused: 1, checking: 1, sent: 1, waiting: 2, stored: 3, cancelled: 4,
};

/**
 * The uploads of one page of the list. As long as one page holds all, they keep the order in which they were chosen.
 * @template {{state: string}} T
 * @param {Set<T>} uploads
 * @param {number} page from 0
 * @returns {T[]}
 */
export function shownFiles(uploads, page) {
  if (uploads.size <= MOST_ROWS) return [...uploads];
  /** @type {T[][]} */
  const ranks = [[], [], [], [], []];
  for (const upload of uploads) ranks[RANK[upload.state]].push(upload);
  return ranks.flat().slice(page * MOST_ROWS, (page + 1) * MOST_ROWS);
}
