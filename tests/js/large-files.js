/** Large files, and a line on which they go. */

import { settled } from "./clock.js";
import { entries, fakeApi, queueOn, sized } from "./fakes.js";

/** Bytes per second for each request; a function of the time, so that the line may change. */
export function lineOf(rate) {
  const puts = [];
  globalThis.fetch = (url, { body, signal }) =>
    new Promise((resolve, reject) => {
      const [offset, size] = url.split("?")[1]?.split("-").map(Number) ?? [0, body.size ?? body.byteLength];
      const put = { url, offset, size, at: Date.now(), end: null, status: null };
      puts.push(put);
      signal.addEventListener("abort", () => {
        put.end = Date.now();
        reject(new DOMException("stopped", "AbortError"));
      });
      const arrive = () => {
        if (put.end !== null) return;
        Object.assign(put, { end: Date.now(), status: 200 });
        resolve(new Response("", { status: 200 }));
      };
      setTimeout(arrive, (size / rate(Date.now())) * 1000);
    });
  return puts;
}

export async function sendOne(size, api = fakeApi()) {
  const queue = queueOn(api);
  queue.add(entries(sized(size)));
  await settled();
  const [upload] = queue.uploads;
  return { queue, upload, api };
}

/** Whether these follow one another from the first byte to the last. */
export function cover(puts, size) {
  let reached = 0;
  for (const { offset, size } of puts.filter(({ status }) => status === 200).sort((a, b) => a.offset - b.offset)) {
    if (offset === reached) reached += size;
  }
  return reached === size;
}
