/** Ids without `crypto.randomUUID`, which browsers keep from pages on plain http. */

/**
 * @param {Uint8Array} bytes sixteen
 * @returns {string} a UUID of version 4
 */
export function uuidOf(bytes) {
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/**
 * What tells this browser's files from another visitor's, sent as a header and never part of a URL. Where nothing may
 * be kept, it is a new one for this visit.
 * @param {string} path of the page
 * @param {() => Storage} storage asked for late: reading `localStorage` itself throws where it is forbidden
 * @returns {string} 32 hexadecimal characters
 */
export function visitorKey(path, storage = () => localStorage) {
  const name = `visitor-key ${path}`;
  const fresh = hex(crypto.getRandomValues(new Uint8Array(16)));
  try {
    const kept = storage().getItem(name) ?? "";
    if (/^[0-9a-f]{32}$/.test(kept)) return kept;
    storage().setItem(name, fresh);
  } catch {
    // Private windows and full storage: the visit works, only a reload makes this browser a new visitor.
  }
  return fresh;
}

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
