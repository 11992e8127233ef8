/** A scheme, a host and an optional port. The host may contain capitals, as in the origins of Safari extensions. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/(?:[A-Za-z\d._~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/;

/**
 * Whether a string is an origin as browsers send it in `Origin` (RFC 6454 section 6.2), with a host and any scheme:
 * `https://app.example.com`, `capacitor://localhost`. Origins are compared as strings, so other spellings are refused.
 */
export function isWebOrigin(text: string): boolean {
  if (!ORIGIN.test(text) || !URL.canParse(text)) return false;
  // A URL with a non-standard scheme has the origin `null`.
  const { origin } = new URL(text);
  return origin === text || origin === 'null';
}

/** The first entry of a list that contains `*` but is not `*` alone; undefined if there is none. */
export function wildcardIn(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  return (value as string[]).find((text) => text !== '*' && text.includes('*'));
}
