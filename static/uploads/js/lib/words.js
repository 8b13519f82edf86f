/** What the page says: texts that come translated with it, and sizes and times as people read them. */

/** @typedef {ReturnType<typeof wordsOf>} Words */

/** As in the filter of uploads_format.py. */
const UNITS = ["B", "KB", "MB", "GB", "TB"];
const STEP = 1024;
/** @type {Intl.DateTimeFormatOptions} */
const DAY = { weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit" };

/**
 * @param {Record<string, Element>} texts by their names
 * @param {string} language
 */
export function wordsOf(texts, language) {
  const rules = new Intl.PluralRules(language);
  /**
   * @param {string} name
   * @param {Record<string, any>} values for the places in {braces}
   * @param {string} otherwise the name of the text where there is none of this name
   */
  const text = (name, values = {}, otherwise = "") => {
    const found = (texts[name] ?? texts[otherwise])?.textContent ?? name;
    return found.replace(/\{(\w+)\}/g, (place, key) => values[key]?.toLocaleString(language) ?? place);
  };
  /**
   * The form of a text that goes with a number: `name.one`, `name.other`.
   * @param {string} name
   * @param {number} count
   * @param {Record<string, any>} values
   */
  const plural = (name, count, values = {}) =>
    text(`${name}.${rules.select(count)}`, { count, ...values }, `${name}.other`);
  /** @param {number} bytes */
  const size = (bytes) => {
    let value = bytes;
    let step = 0;
    // 1,023.9 of a unit would be shown as 1,024 of it.
    for (; value >= STEP - 0.5 && step < UNITS.length - 1; step += 1) value /= STEP;
    const digits = digitsOf(value, step);
    const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return `${value.toLocaleString(language, options)}\u00a0${UNITS[step]}`;
  };
  /**
   * How fast it goes, and how long still.
   * @param {number | null} rate in bytes per second
   * @param {number} leftBytes
   * @returns {string} empty as long as nothing was measured
   */
  const speed = (rate, leftBytes) => {
    if (!rate) return "";
    const speed = text("speed.rate", { size: size(rate) });
    return leftBytes > 0 ? `${speed} · ${text("speed.left", { time: duration(leftBytes / rate) })}` : speed;
  };
  /**
   * Coarse enough to stand still for a while.
   * @param {number} seconds
   */
  const duration = (seconds) => {
    const whole = (/** @type {number} */ value, /** @type {string} */ unit) =>
      Math.round(value).toLocaleString(language, { style: "unit", unit, unitDisplay: "long" });
    if (seconds < 90) return whole(Math.max(1, Math.round(seconds / 5)) * 5, "second");
    return seconds < 5400 ? whole(seconds / 60, "minute") : whole(seconds / 3600, "hour");
  };
  const time = (/** @type {Date} */ date) => date.toLocaleTimeString(language, { timeStyle: "short" });
  const day = (/** @type {Date} */ date) => date.toLocaleString(language, DAY);
  return { text, plural, size, speed, time, day };
}

/**
 * Bytes and kilobytes are whole; three figures are enough for the rest.
 * @param {number} value
 * @param {number} step
 */
function digitsOf(value, step) {
  if (step < 2 || value >= 99.95) return 0;
  return step > 2 && value < 9.995 ? 2 : 1;
}
