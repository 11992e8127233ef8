/**
 * UTF-16 code units of a text for each code point that it may have: more than any text needs that normalisation makes
 * short enough. Normalisation sorts combining marks in quadratic time, so it must not be given a longer one.
 */
const UNITS_PER_CODE_POINT = 8;

/** Code points that a field may have whose document states no maximum. */
export const UNSTATED_MAX_LENGTH = 256;

/** Whether a text is too long to be read at all: for normalisation, folding, an expression, a hash or the database. */
export function isOverlong(text: string, maxLength: number): boolean {
  return text.length > UNITS_PER_CODE_POINT * maxLength;
}
