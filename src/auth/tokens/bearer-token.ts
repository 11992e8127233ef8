import type { IncomingHttpHeaders } from 'node:http';

/** Stands for a bearer scheme without a token: nothing that verifies, but not nothing. */
const NO_TOKEN_AFTER_SCHEME = '-';

/**
 * The token of an `Authorization: Bearer …` header (RFC 6750 section 2.1), and of nowhere else (row A42). As in FastAPI
 * the scheme ends at the first space and has any letter case.
 *
 * @returns null when the header is absent or names another scheme: "Not authenticated"; whatever follows the scheme
 * otherwise, to be verified: "Could not validate credentials"
 */
export function bearerToken({ headers }: { headers: IncomingHttpHeaders }): string | null {
  const { authorization } = headers;
  if (authorization === undefined) return null;
  const space = authorization.indexOf(' ');
  const scheme = space < 0 ? authorization : authorization.slice(0, space);
  if (scheme.toLowerCase() !== 'bearer') return null;
  const token = space < 0 ? '' : authorization.slice(space + 1).trim();
  return token || NO_TOKEN_AFTER_SCHEME;
}
