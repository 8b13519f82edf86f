/** Which files have a row. A browser that lays out 10,000 rows stutters at each change; 200 it does not feel. */

export const MOST_ROWS = 200;

/** What needs the visitor comes first, then what moves. @type {Record<string, number>} */
const RANK = {
  failed: 0, mismatch: 0, sending: 1, paused: 1, checking: 1, sent: 1, waiting: 2, stored: 3, cancelled: 4,
};

/**
 * The uploads of one page of the list, in the order in which they were chosen.
 * @template {{state: string}} T
 * @param {Iterable<T>} uploads
 * @param {number} page from 0
 * @returns {T[]}
 */
export function shownFiles(uploads, page) {
  /** @type {T[][]} */
  const ranks = [[], [], [], [], []];
  for (const upload of uploads) ranks[RANK[upload.state]].push(upload);
  const shown = new Set(ranks.flat().slice(page * MOST_ROWS, (page + 1) * MOST_ROWS));
  return [...uploads].filter((upload) => shown.has(upload));
}
