/** What mail programs make links of: addresses of pages and of people. */
const AUTOLINKED = /(:\/\/|@|\.(?=\p{L}))/gu;

/** Drawn as nothing, and no part of an address: ZERO WIDTH NON-JOINER. */
const AUTOLINK_GUARD = '\u200C';

/** A text that looks the same, and that no mail program makes a link of. */
export function preventAutolinks(text: string): string {
  return text.replace(AUTOLINKED, `$1${AUTOLINK_GUARD}`);
}

/** What somebody has copied out of a message, as it was before. */
export function removeAutolinkGuards(text: string): string {
  return text.replaceAll(AUTOLINK_GUARD, '');
}
