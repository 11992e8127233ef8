/** Parts of URLs and e-mail addresses, which mail programs turn into links. */
const AUTOLINKED = /(:\/\/|@|\.(?=\p{L}))/gu;

/** ZERO WIDTH NON-JOINER: invisible, and not valid in an address. */
const AUTOLINK_GUARD = '\u200C';

/** Inserts guards that keep mail programs from making links. The text looks the same. */
export function preventAutolinks(text: string): string {
  return text.replace(AUTOLINKED, `$1${AUTOLINK_GUARD}`);
}

/** Removes the guards from text that was copied out of a message. */
export function removeAutolinkGuards(text: string): string {
  return text.replaceAll(AUTOLINK_GUARD, '');
}
