/** Words of placeholders, too long to occur in random text. */
const PLACEHOLDER = /secret|password|change.?me|replace|example|default|your.?key|development|production/i;

/** Whether the text looks like a placeholder or a phrase instead of random characters. */
export function looksLikePlaceholder(key: string): boolean {
  return PLACEHOLDER.test(key);
}

/**
 * The approximate entropy of a text in bits, from the frequencies of its characters (Shannon). This is an upper bound,
 * because it ignores words and patterns. A text that consists of repetitions counts as one of them.
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
