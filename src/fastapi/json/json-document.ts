import { isUtf8 } from 'node:buffer';
import { isTooDeep, MAX_JSON_DEPTH } from './json-depth.js';
import { UnreadableBodyError } from './json-errors.js';
import { MAX_INTEGER_DIGITS, parseLossless } from './json-scanner.js';

const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads a JSON request body as FastAPI does. Do not call it for an empty body, which FastAPI treats as a missing body.
 * Numbers out of range become Infinity or lose digits. To echo the document, parse its text with `parseLossless`.
 * @throws UnreadableBodyError when `decodeJsonText` does, beyond MAX_JSON_DEPTH levels, or for an integer of more than
 * MAX_INTEGER_DIGITS digits
 * @throws JsonSyntaxError when the text is not JSON. NaN and the infinities are not JSON, although Python reads them.
 */
export function decodeJson(body: Buffer): unknown {
  const text = decodeJsonText(body);
  if (isTooDeep(text)) {
    throw new UnreadableBodyError(`nested deeper than ${MAX_JSON_DEPTH} levels`);
  }
  if (hasLongDigitRun(text)) {
    parseLossless(text); // Throws only if the run is an integer, not a fraction or part of a string.
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    parseLossless(text); // Throws an error with Python's message and position.
    throw error;
  }
}

/**
 * The text of a JSON body in UTF-8, without its byte order mark, as `parseLossless` requires.
 * @throws UnreadableBodyError for invalid UTF-8 (including encoded surrogates), and for UTF-16 and UTF-32, which RFC
 * 8259, section 8.1 forbids although Python detects them
 */
export function decodeJsonText(body: Buffer): string {
  if (!isUtf8(body) || looksLikeUtf16(body)) {
    throw new UnreadableBodyError('not UTF-8');
  }
  const hasBom = body.subarray(0, UTF8_BOM.length).equals(UTF8_BOM);
  return body.toString('utf8', hasBom ? UTF8_BOM.length : 0);
}

/** The pattern of NULs by which Python's `json.detect_encoding` detects UTF-16 and UTF-32 without a byte order mark. */
function looksLikeUtf16(body: Buffer): boolean {
  return (body.length >= 4 || body.length === 2) && (body[0] === 0 || body[1] === 0);
}

/** Uses a loop because a regular expression would take quadratic time. */
function hasLongDigitRun(text: string): boolean {
  if (text.length <= MAX_INTEGER_DIGITS) {
    return false;
  }
  let run = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    run = unit >= 0x30 && unit <= 0x39 ? run + 1 : 0;
    if (run > MAX_INTEGER_DIGITS) {
      return true;
    }
  }
  return false;
}
