/** The page's words: they come translated with the page, scripts only know their names. */

/**
 * @param {HTMLTemplateElement} template with one element for each text, named by `data-text`
 * @param {string} language
 */
export function readMessages(template, language) {
  /** @type {Map<string, string>} */
  const texts = new Map();
  for (const element of template.content.children) {
    texts.set(element.getAttribute("data-text") ?? "", element.textContent ?? "");
  }
  const rules = new Intl.PluralRules(language);

  /** @param {string} name */
  const has = (name) => texts.has(name);
  /**
   * @param {string} name
   * @param {Record<string, any>} values for the places in {braces}
   * @returns {string}
   */
  const text = (name, values = {}) =>
    (texts.get(name) ?? name).replace(/\{(\w+)\}/g, (place, key) => values[key]?.toLocaleString(language) ?? place);
  /**
   * The form of a text that goes with a number: `name.one`, `name.other`.
   * @param {string} name
   * @param {number} count
   * @param {Record<string, any>} values
   */
  const plural = (name, count, values = {}) => {
    const form = `${name}.${rules.select(count)}`;
    return text(has(form) ? form : `${name}.other`, { count, ...values });
  };
  return { has, text, plural };
}
