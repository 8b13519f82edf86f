/** How fast it goes, and how long still. */

/**
 * @param {{rate: number | null, leftSeconds: number | null}} progress
 * @param {import("./file-row.js").Words} words
 * @returns {string} empty as long as nothing was measured
 */
export function speedOf({ rate, leftSeconds }, { messages, formats }) {
  if (!rate) return "";
  const speed = messages.text("speed.rate", { size: formats.size(rate) });
  return leftSeconds == null ? speed : `${speed} · ${messages.text("speed.left", { time: formats.duration(leftSeconds) })}`;
}
