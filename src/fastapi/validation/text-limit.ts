/**
 * UTF-16 code units that a text may have for each code point of its maximum. Normalisation never makes a longer text
 * short enough, and it sorts combining marks in quadratic time, so it must not get a longer one.
 */
const UNITS_PER_CODE_POINT = 8;

/** Maximum in code points of a field without a documented one. */
export const UNSTATED_MAX_LENGTH = 256;

/**
 * Whether a text is too long for any further step: normalisation, folding, a regular expression, a hash or the
 * database.
 */
export function isOverlong(text: string, maxLength: number): boolean {
  return text.length > UNITS_PER_CODE_POINT * maxLength;
}
