import { isUtf8 } from 'node:buffer';
import { isTooDeep, MAX_JSON_DEPTH } from './json-depth.js';
import { UnreadableBodyError } from './json-errors.js';
import { MAX_INTEGER_DIGITS, parseLossless } from './json-scanner.js';

const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads a JSON request body as FastAPI does. Not for an empty body: FastAPI takes that as no body at all.
 * A number out of range is Infinity or has lost digits: whoever echoes the document parses its text with `parseLossless`.
 * @throws UnreadableBodyError when `decodeJsonText` does, past MAX_JSON_DEPTH levels, or for an integer of more than
 * MAX_INTEGER_DIGITS digits
 * @throws JsonSyntaxError when the text is not JSON; NaN and the infinities are not, although Python reads them
 */
export function decodeJson(body: Buffer): unknown {
  const text = decodeJsonText(body);
  if (isTooDeep(text)) {
    throw new UnreadableBodyError(`nested deeper than ${MAX_JSON_DEPTH} levels`);
  }
  if (hasLongDigitRun(text)) {
    parseLossless(text); // Throws if the run is an integer: it may also be a fraction or stand in a string.
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    parseLossless(text); // Throws with Python's words, which V8's message does not have.
    throw error;
  }
}

/**
 * The text of a JSON body: UTF-8, with or without a byte order mark (`parseLossless` wants it without).
 * @throws UnreadableBodyError for invalid UTF-8 (encoded surrogates too) and for UTF-16 and UTF-32, which RFC 8259,
 * section 8.1 rules out and Python would guess
 */
export function decodeJsonText(body: Buffer): string {
  if (!isUtf8(body) || looksLikeUtf16(body)) {
    throw new UnreadableBodyError('not UTF-8');
  }
  const hasBom = body.subarray(0, UTF8_BOM.length).equals(UTF8_BOM);
  return body.toString('utf8', hasBom ? UTF8_BOM.length : 0);
}

/** The pattern of NULs by which Python's `json.detect_encoding` knows UTF-16 and UTF-32 that have no byte order mark. */
function looksLikeUtf16(body: Buffer): boolean {
  return (body.length >= 4 || body.length === 2) && (body[0] === 0 || body[1] === 0);
}

/** A loop, since the regular expression for it takes quadratic time. */
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
