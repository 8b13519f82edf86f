/** What the page says: texts that come translated with it, and sizes, times and names as people read them. */

/** @typedef {ReturnType<typeof wordsOf>} Words */

/** As in the filter of uploads_format.py. */
const UNITS = ["B", "KB", "MB", "GB", "TB"];
const STEP = 1024;
/** @type {Intl.DateTimeFormatOptions} */
const MINUTES = { hour: "numeric", minute: "2-digit" };
/** @type {Intl.DateTimeFormatOptions} */
const DAYS = { weekday: "long", day: "numeric", month: "long" };

/**
 * @param {HTMLTemplateElement} template with one element for each text, named by `data-text`
 * @param {string} language
 */
export function wordsOf(template, language) {
  const texts = new Map([...template.content.querySelectorAll("p")].map((p) => [p.dataset.text, p.textContent]));
  const rules = new Intl.PluralRules(language);
  /**
   * @param {string} name
   * @param {Record<string, any>} values for the places in {braces}
   * @param {string} otherwise the name of the text where there is none of this name
   */
  const text = (name, values = {}, otherwise = "") => {
    const found = texts.get(name) ?? texts.get(otherwise) ?? name;
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
  return { text, plural, ...formats(language) };
}

/** @param {string} language */
function formats(language) {
  return {
    size: (/** @type {number} */ bytes) => {
      let value = bytes;
      let step = 0;
      // 1,023.9 of a unit would be shown as 1,024 of it.
      for (; value >= STEP - 0.5 && step < UNITS.length - 1; step += 1) value /= STEP;
      const digits = digitsOf(value, step);
      const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
      return `${value.toLocaleString(language, options)}\u00a0${UNITS[step]}`;
    },
    duration: (/** @type {number} */ seconds) => {
      const [value, unit] = durationParts(seconds);
      return value.toLocaleString(language, { style: "unit", unit, unitDisplay: "long" });
    },
    time: (/** @type {Date} */ date) => date.toLocaleTimeString(language, MINUTES),
    day: (/** @type {Date} */ date) => date.toLocaleString(language, { ...MINUTES, ...DAYS }),
  };
}

/**
 * Coarse enough to stand still for a while.
 * @param {number} seconds
 * @returns {[number, string]}
 */
function durationParts(seconds) {
  if (seconds < 90) return [Math.max(1, Math.round(seconds / 5)) * 5, "second"];
  return seconds < 5400 ? [Math.round(seconds / 60), "minute"] : [Math.round(seconds / 3600), "hour"];
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

/** Hebrew, Arabic and their neighbours. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/**
 * The two parts of a long name: the first may lose its end, the last one stays. A right-to-left name stays whole: its
 * letters join, and two boxes would tear them apart.
 * @param {string} name
 * @returns {[string, string]}
 */
export function splitName(name) {
  if (RIGHT_TO_LEFT.test(name)) return [name, ""];
  const signs = [...name];
  const tail = /\p{Script=Han}/u.test(signs.slice(-12).join("")) ? 7 : 12;
  let cut = Math.max(0, signs.length - tail);
  // A mark or a joiner belongs to the sign before it.
  while (cut > 0 && /^[\p{M}\u200d]$/u.test(signs[cut])) cut -= 1;
  return [signs.slice(0, cut).join(""), signs.slice(cut).join("")];
}
