/**
 * The SQL expression under which names and addresses are unique: compatibility forms and letter case do not count
 * (row A88). Lower and then upper case, because only both together equate ß with SS and the two small sigmas; normalised
 * once more, because upper case takes ΐ apart. ICU folds every script, whatever the locale of the database; the result
 * is compared byte by byte, so that the index survives a new version of ICU's sorting rules.
 *
 * @param expression a column or a parameter: `username`, `$1::text`
 */
export function foldedSql(expression: string): string {
  return `(normalize(upper(lower(normalize(${expression}, NFKC) COLLATE "und-x-icu")), NFKC) COLLATE "C")`;
}
