/** What a file is recognised by in a later visit, so that it goes on where it stopped: nothing need be kept for it. */

import { crc64, decimal, START } from "./crc64.js";

const SAMPLE_BYTES = 64 * 1024;

/**
 * Read what is needed before a grant is asked for: all of a small file, samples of a large one.
 *
 * Its id follows from name, folder, size, type, date and these. Chosen again, it is the same grant to the server.
 * @param {import("./upload.js").Upload} upload
 * @returns {Promise<void>} rejects when the file cannot be read
 */
export async function identify(upload) {
  const { file, path } = upload;
  // As much as its three samples would be: it is read once, and what is hashed is what is sent.
  const isSmall = file.size <= 3 * SAMPLE_BYTES;
  if (isSmall ? upload.buffer : upload.id) return;
  // Of a large one: its beginning, middle and end.
  const places = [0, Math.floor(file.size / 2), file.size - SAMPLE_BYTES];
  const sources = isSmall ? [file] : places.map((at) => file.slice(at, at + SAMPLE_BYTES));
  const samples = await Promise.all(sources.map((source) => source.arrayBuffer()));
  // Firefox reads a file that has become shorter to its new end, and says nothing.
  if (isSmall && samples[0].byteLength !== file.size) throw new DOMException("", "NotReadableError");
  const crc = samples.reduce((crc, sample) => crc64(new Uint8Array(sample), crc), START);
  if (isSmall) Object.assign(upload, { buffer: samples[0], checksum: Promise.resolve(decimal(crc)) });
  const text = JSON.stringify([path, file.name, file.size, file.type, file.lastModified]);
  upload.idOf = (round) => {
    const named = crc64(new TextEncoder().encode(text + round));
    return uuidOf([...named, ...crc]);
  };
  upload.id = upload.idOf(upload.round);
}

/**
 * @param {number[]} words four integers of 32 bits
 * @returns {string} a UUID of the form of version 4
 */
function uuidOf(words) {
  const hex = words.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})/, "$1-$2-4$3-8$4-");
}
