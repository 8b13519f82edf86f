/** Reads pieces of files and goes on with their CRC-64, off the page's thread. */

import { crc64 } from "./crc64.js";

const CHUNK_BYTES = 1024 * 1024;
/** Chromium collects a reader that nothing but a pending read refers to, and the read then never ends. */
const kept = new Set();
/** Of earlier pieces: a new buffer for each would be there until the browser collects it. @type {ArrayBuffer[]} */
const spare = [];

addEventListener("message", async ({ data: { id, blob, crc } }) => {
  try {
    postMessage({ id, crc: await crcOf(blob, crc) });
  } catch (error) {
    postMessage({ id, problem: error.name });
  }
});

/**
 * @param {Blob} blob
 * @param {import("./crc64.js").Crc} crc
 */
async function crcOf(blob, crc) {
  const reader = readerOf(blob.stream());
  kept.add(reader);
  try {
    let left = blob.size;
    let chunk = spare.pop() ?? new ArrayBuffer(CHUNK_BYTES);
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(chunk));
      // What was lent for the read comes back with it.
      chunk = value?.buffer ?? chunk;
      if (done) break;
      crc = crc64(value, crc);
      left -= value.length;
    }
    if (chunk.byteLength > 0) spare.push(chunk);
    // Firefox reads a file that has become shorter to its new end, and says nothing.
    if (left !== 0) throw new DOMException("", "NotReadableError");
    return crc;
  } finally {
    kept.delete(reader);
  }
}

/**
 * Reading into a buffer of our own leaves little to collect; not every browser can.
 * @param {ReadableStream} stream
 * @returns {any}
 */
function readerOf(stream) {
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return stream.getReader();
  }
}
