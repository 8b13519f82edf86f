/** What of a choice is not in the list, and why. */

/**
 * @param {import("./gather.js").Harvest} harvest
 * @param {boolean} isFolder whether a folder was chosen
 * @param {import("./file-row.js").Words} words
 * @returns {string} empty if there is nothing to say
 */
export function gatheredText({ files, leftOut, unreadable }, isFolder, { messages, formats }) {
  const counts = { unreadable, "left-out": leftOut };
  const said = Object.entries(counts).filter(([, count]) => count > 0);
  const sentences = said.map(([name, count]) =>
    messages.plural(`gathered.${name}`, count, { count: formats.count(count) }),
  );
  if (isFolder && files === 0) sentences.unshift(messages.text("gathered.empty"));
  return sentences.join(" ");
}
