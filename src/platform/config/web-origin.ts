/** A scheme, a host and an optional port. The host may contain capitals, as those of Safari's extensions do. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/(?:[A-Za-z\d._~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/;

/**
 * Whether a string is an origin with a host in the form that browsers send in `Origin` (RFC 6454 section 6.2), with any
 * scheme: `https://app.example.com`, `capacitor://localhost`. Origins are compared as strings, so other spellings are
 * refused.
 */
export function isWebOrigin(text: string): boolean {
  if (!ORIGIN.test(text) || !URL.canParse(text)) return false;
  // Schemes that the URL standard does not know have the origin `null`.
  const { origin } = new URL(text);
  return origin === text || origin === 'null';
}

/** The first string of a list that contains `*` and more; undefined for a value that is not a list. */
export function wildcardIn(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  return (value as string[]).find((text) => text !== '*' && text.includes('*'));
}
