/** CRC-64/ECMA as OSS computes it (the one of xz), eight bytes at a time. */

/**
 * Slicing by eight: number 256 k + b is what byte b becomes after k more bytes. In halves, since JavaScript has no
 * integers of 64 bits that are fast.
 */
const LOW = new Int32Array(2048);
const HIGH = new Int32Array(2048);

for (let at = 0; at < 2048; at += 1) {
  let low = LOW[at - 256] ?? at;
  let high = HIGH[at - 256] ?? 0;
  for (let bit = 0; bit < 8; bit += 1) {
    // The reflected polynomial, where a one falls out.
    const mask = -(low & 1);
    low = ((low >>> 1) | (high << 31)) ^ (mask & 0xd7870f42);
    high = (high >>> 1) ^ (mask & 0xc96c5795);
  }
  LOW[at] = low;
  HIGH[at] = high;
}

/** @typedef {[number, number]} Crc low and high half, as they stand between two pieces of one sequence of bytes */

/** @type {Crc} */
export const START = [-1, -1];

/**
 * Go on with a CRC.
 * @param {Uint8Array} bytes
 * @param {Crc} crc
 * @returns {Crc}
 */
export function crc64(bytes, crc = START) {
  // Words are read where words may begin.
  const head = Math.min((4 - (bytes.byteOffset & 3)) & 3, bytes.length);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + head, ((bytes.length - head) >> 3) * 2);
  const middle = byWords(words, byBytes(bytes.subarray(0, head), crc));
  return byBytes(bytes.subarray(head + words.byteLength), middle);
}

/**
 * The whole number, as OSS writes it.
 * @param {Crc} crc
 * @returns {string}
 */
export function decimal([low, high]) {
  return ((BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0)).toString();
}

/**
 * @param {Uint8Array} bytes
 * @param {Crc} crc
 * @returns {Crc}
 */
function byBytes(bytes, [low, high]) {
  for (const byte of bytes) {
    const at = (low ^ byte) & 255;
    low = ((low >>> 8) | (high << 24)) ^ LOW[at];
    high = (high >>> 8) ^ HIGH[at];
  }
  return [low, high];
}

/**
 * @param {Int32Array} words
 * @param {Crc} crc
 * @returns {Crc}
 */
function byWords(words, [low, high]) {
  for (let at = 0; at < words.length; at += 2) {
    const x = low ^ words[at];
    const y = high ^ words[at + 1];
    const a = 1792 + (x & 255);
    const b = 1536 + ((x >>> 8) & 255);
    const c = 1280 + ((x >>> 16) & 255);
    const d = 1024 + (x >>> 24);
    const e = 768 + (y & 255);
    const f = 512 + ((y >>> 8) & 255);
    const g = 256 + ((y >>> 16) & 255);
    const h = y >>> 24;
    low = LOW[a] ^ LOW[b] ^ LOW[c] ^ LOW[d] ^ LOW[e] ^ LOW[f] ^ LOW[g] ^ LOW[h];
    high = HIGH[a] ^ HIGH[b] ^ HIGH[c] ^ HIGH[d] ^ HIGH[e] ^ HIGH[f] ^ HIGH[g] ^ HIGH[h];
  }
  return [low, high];
}
