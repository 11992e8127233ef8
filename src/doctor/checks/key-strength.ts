/** Words that stand in the place of a secret until somebody puts one there; too long to appear in a random text. */
const PLACEHOLDER = /secret|password|change.?me|replace|example|default|your.?key|development|production/i;

/** Whether the text looks like something to be replaced, or like a phrase, rather than like random characters. */
export function looksLikePlaceholder(key: string): boolean {
  return PLACEHOLDER.test(key);
}

/**
 * About how many bits a guesser has to try, from how often each character appears (Shannon): an upper bound, since it
 * sees neither words nor patterns, except that a text which repeats itself counts once.
 */
export function estimateBits(key: string): number {
  const unit = /^(.+?)\1+$/su.exec(key)?.[1] ?? key;
  const characters = Array.from(unit);
  const counts = new Map<string, number>();
  for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / characters.length);
  return Math.floor(bits);
}
