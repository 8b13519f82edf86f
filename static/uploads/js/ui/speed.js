/** How fast it goes, and how long still. */

/**
 * @param {{rate: number | null, leftSeconds: number | null}} progress
 * @param {import("./file-row.js").Words} words
 * @returns {string} empty as long as nothing was measured
 */
export function speedOf({ rate, leftSeconds }, { text, size, duration }) {
  if (!rate) return "";
  const speed = text("speed.rate", { size: size(rate) });
  return leftSeconds === null ? speed : `${speed} · ${text("speed.left", { time: duration(leftSeconds) })}`;
}
