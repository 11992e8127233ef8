/** What mail programs make links of: addresses of pages and of people. */
const MAKES_LINK = /(:\/\/|@|\.(?=\p{L}))/gu;

/** Drawn as nothing, and no part of an address: ZERO WIDTH NON-JOINER. */
const GAP = '\u200C';

/** A text that looks the same, and that no mail program makes a link of. */
export function withGaps(text: string): string {
  return text.replace(MAKES_LINK, `$1${GAP}`);
}

/** What somebody has copied out of a message, as it was before. */
export function withoutGaps(text: string): string {
  return text.replaceAll(GAP, '');
}
