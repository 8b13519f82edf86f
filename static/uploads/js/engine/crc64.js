/** CRC-64/ECMA as OSS computes it (the one of xz), eight bytes at a time. */

/** Of the reflected polynomial, low half first: JavaScript has no integers of 64 bits that are fast. */
const POLYNOMIAL = [0xd7870f42, 0xc96c5795];
const TABLES = tables();

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
 * Slicing by eight: table k holds what a byte becomes after k more bytes. Halves lie side by side.
 * @returns {Int32Array}
 */
function tables() {
  const table = new Int32Array(8 * 512);
  for (let at = 0; at < table.length; at += 2) {
    let [low, high] = at < 512 ? [at >> 1, 0] : [table[at - 512], table[at - 511]];
    for (let bit = 0; bit < 8; bit += 1) {
      const isOdd = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (isOdd) [low, high] = [low ^ POLYNOMIAL[0], high ^ POLYNOMIAL[1]];
    }
    table[at] = low;
    table[at + 1] = high;
  }
  return table;
}

/**
 * @param {Uint8Array} bytes
 * @param {Crc} crc
 * @returns {Crc}
 */
function byBytes(bytes, [low, high]) {
  for (const byte of bytes) {
    const at = ((low ^ byte) & 255) * 2;
    low = ((low >>> 8) | (high << 24)) ^ TABLES[at];
    high = (high >>> 8) ^ TABLES[at + 1];
  }
  return [low, high];
}

/**
 * @param {Int32Array} words
 * @param {Crc} crc
 * @returns {Crc}
 */
function byWords(words, [low, high]) {
  const t = TABLES;
  for (let at = 0; at < words.length; at += 2) {
    const x = low ^ words[at];
    const y = high ^ words[at + 1];
    const a = 3584 + (x & 255) * 2;
    const b = 3072 + ((x >>> 7) & 510);
    const c = 2560 + ((x >>> 15) & 510);
    const d = 2048 + ((x >>> 23) & 510);
    const e = 1536 + (y & 255) * 2;
    const f = 1024 + ((y >>> 7) & 510);
    const g = 512 + ((y >>> 15) & 510);
    const h = (y >>> 23) & 510;
    low = t[a] ^ t[b] ^ t[c] ^ t[d] ^ t[e] ^ t[f] ^ t[g] ^ t[h];
    high = t[a + 1] ^ t[b + 1] ^ t[c + 1] ^ t[d + 1] ^ t[e + 1] ^ t[f + 1] ^ t[g + 1] ^ t[h + 1];
  }
  return [low, high];
}
