/**
 * Maximum number of UTF-16 code units per allowed code point. Normalisation never makes a longer string short enough,
 * and must not run on one, because it sorts combining marks in quadratic time.
 */
const UNITS_PER_CODE_POINT = 8;

/** Maximum number of code points in a field without a documented maximum. */
export const UNSTATED_MAX_LENGTH = 256;

/**
 * Whether a string is too long for any further step: normalisation, folding, a regular expression, a hash or the
 * database.
 */
export function isOverlong(text: string, maxLength: number): boolean {
  return text.length > UNITS_PER_CODE_POINT * maxLength;
}
