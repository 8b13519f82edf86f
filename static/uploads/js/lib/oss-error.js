/** What an error answer of OSS says. https://www.alibabacloud.com/help/en/oss/developer-reference/error-responses */

/** A SignatureDoesNotMatch body repeats all that was signed; what is wanted hardly ever lies beyond. */
const MOST_BYTES = 8192;

/**
 * Code, EC and request id of an error answer, as far as they can be read.
 * @param {Response} response
 * @returns {Promise<{code?: string, ec?: string, request_id?: string}>}
 */
export async function readOssError(response) {
  const text = await beginningOf(response);
  const said = { code: elementIn(text, "Code"), ec: elementIn(text, "EC"), request_id: elementIn(text, "RequestId") };
  const ec = response.headers.get("x-oss-ec");
  if (ec) said.ec = ec;
  return said;
}

/**
 * Markup in a value is escaped, and the text may end anywhere: a pattern reads it where a parser of XML would refuse.
 * @param {string} text
 * @param {string} name
 * @returns {string | undefined}
 */
function elementIn(text, name) {
  return new RegExp(`<${name}>\\s*([\\w.-]{1,128})\\s*</${name}>`).exec(text)?.[1];
}

/**
 * @param {Response} response
 * @returns {Promise<string>} empty where the line broke inside the answer: its status is still known
 */
async function beginningOf(response) {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (let read = 0; reader && read < MOST_BYTES; ) {
      const { done, value } = await reader.read();
      if (done) break;
      read += value.length;
      text += decoder.decode(value, { stream: true });
    }
    await reader?.cancel();
  } catch {
    return text;
  }
  return text;
}
