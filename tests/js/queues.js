/** Queues that have files and a server. */

import { settled } from "./clock.js";
import { entries, fakeApi, files, queueOn } from "./fakes.js";

export function statesOf(queue) {
  return [...queue.uploads].map(({ state }) => state);
}

export async function queueWith(count, api = fakeApi()) {
  const queue = queueOn(api);
  queue.add(entries(...files(count)));
  await settled();
  return queue;
}
