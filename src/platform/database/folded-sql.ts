/**
 * Capital letters that Unicode added after version 10, as ranges: the first, the last, and the first of their small
 * letters. An old ICU, such as the one in RHEL 8, does not know their small letters. Never change the list: the indexes
 * depend on it.
 */
const NEWER_CAPITALS: readonly (readonly [first: number, last: number, small: number])[] = [
  [0x1c89, 0x1c89, 0x1c8a],
  // Georgian
  [0x1c90, 0x1cba, 0x10d0],
  [0x1cbd, 0x1cbf, 0x10fd],
  // Glagolitic and Latin
  [0x2c2f, 0x2c2f, 0x2c5f],
  ...[0xa7b8, 0xa7ba, 0xa7bc, 0xa7be, 0xa7c0, 0xa7c2, 0xa7c7, 0xa7c9, 0xa7cc, 0xa7ce].map(withNext),
  ...[0xa7d0, 0xa7d2, 0xa7d4, 0xa7d6, 0xa7d8, 0xa7da, 0xa7f5].map(withNext),
  [0xa7c4, 0xa7c4, 0xa794],
  [0xa7c5, 0xa7c5, 0x282],
  [0xa7c6, 0xa7c6, 0x1d8e],
  [0xa7cb, 0xa7cb, 0x264],
  [0xa7dc, 0xa7dc, 0x19b],
  // Vithkuqi, Garay, Medefaidrin and Beria Erfe
  [0x10570, 0x1057a, 0x10597],
  [0x1057c, 0x1058a, 0x105a3],
  [0x1058c, 0x10592, 0x105b3],
  [0x10594, 0x10595, 0x105bb],
  [0x10d50, 0x10d65, 0x10d70],
  [0x16e40, 0x16e5f, 0x16e60],
  [0x16ea0, 0x16eb8, 0x16ebb],
];

function withNext(capital: number): [number, number, number] {
  return [capital, capital, capital + 1];
}

const capitals = NEWER_CAPITALS.map(([first, last]) => lettersFrom(first, last - first + 1)).join('');
const smalls = NEWER_CAPITALS.map(([first, last, small]) => lettersFrom(small, last - first + 1)).join('');

function lettersFrom(first: number, count: number): string {
  return String.fromCodePoint(...Array.from({ length: count }, (_, index) => first + index));
}

/**
 * The SQL expression under which names and addresses are unique, regardless of letter case and compatibility forms. It
 * folds to lower and then to upper case, because only both together equate ß with SS and the two small sigmas, and
 * normalizes again, because upper case decomposes ΐ. ICU folds every script in every database locale. Results are
 * compared byte by byte, so that the index stays valid with new versions of ICU's sorting rules.
 *
 * @param expression a column or a parameter: `username`, `$1::text`
 */
export function foldedSql(expression: string): string {
  const lowered = `lower(translate(normalize(${expression}, NFKC), '${capitals}', '${smalls}') COLLATE "und-x-icu")`;
  return `(normalize(upper(${lowered}), NFKC) COLLATE "C")`;
}
