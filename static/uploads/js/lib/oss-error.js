/** What an error answer of OSS says. https://www.alibabacloud.com/help/en/oss/developer-reference/error-responses */

/** A SignatureDoesNotMatch body repeats all that was signed; what is wanted hardly ever lies beyond. */
const MOST_BYTES = 8192;

/** Whoever has these can use the bucket: they stay here. */
const SECRETS = /(x-oss-(?:signature|security-token)[=:])[^&\s]*|(x-oss-credential=)[^%&]*/g;
const MOST_EVIDENCE = 4096;

/**
 * Code, EC and request id of an error answer, as far as they can be read; of a signature that does not match also what
 * OSS has signed, for the server to compare.
 * @param {Response} response
 * @returns {Promise<{code?: string, ec?: string, request_id?: string, evidence?: string}>}
 */
export async function readOssError(response) {
  const text = await beginningOf(response);
  const signed = /<CanonicalRequest>([^<]*)/.exec(text)?.[1].replace(SECRETS, "$1$2…");
  return {
    code: elementIn(text, "Code"),
    ec: response.headers.get("x-oss-ec") ?? elementIn(text, "EC"),
    request_id: elementIn(text, "RequestId"),
    evidence: signed && JSON.stringify({ canonical_request: signed.slice(0, MOST_EVIDENCE) }),
  };
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
async function beginningOf({ body }) {
  let text = "";
  try {
    const reader = /** @type {any} */ (body).pipeThrough(new TextDecoderStream()).getReader();
    for (let read; text.length < MOST_BYTES && !(read = await reader.read()).done; ) text += read.value;
    reader.cancel().catch(() => {});
  } catch {
    // What came before is enough.
  }
  return text;
}
