/** Queues that have files and a server. */

import { Queue } from "/static/uploads/js/engine/queue.js";
import { settled } from "./clock.js";
import { entries, fakeApi, files } from "./fakes.js";

export function statesOf(queue) {
  return [...queue.uploads].map(({ state }) => state);
}

export async function queueWith(count, api = fakeApi()) {
  const queue = new Queue(api);
  queue.add(entries(...files(count)));
  await settled();
  return queue;
}
