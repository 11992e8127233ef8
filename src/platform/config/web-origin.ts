/** A scheme, a host and perhaps a port. The host may have capitals: Safari's extensions do. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/(?:[A-Za-z\d._~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/;

/**
 * Whether a text is an origin with a host as browsers send it in `Origin` (RFC 6454 section 6.2), of any scheme:
 * `https://app.example.com`, `capacitor://localhost`. Origins are compared as texts, so other spellings are refused.
 */
export function isWebOrigin(text: string): boolean {
  if (!ORIGIN.test(text) || !URL.canParse(text)) return false;
  // Schemes that the URL standard does not know have the origin `null`.
  const { origin } = new URL(text);
  return origin === text || origin === 'null';
}

/** The first text of a list that has `*` in it and is more than `*`; undefined for a value that is not a list. */
export function wildcardIn(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  return (value as string[]).find((text) => text !== '*' && text.includes('*'));
}
