import type { IncomingHttpHeaders } from 'node:http';
import { MAX_AUTHORIZATION_LENGTH } from '../../platform/http/header-limits.js';

const BEARER = 'bearer';
/** Stands for a missing or overlong token after the scheme: a token that never verifies. */
const NO_TOKEN = '-';

/**
 * The token of an `Authorization: Bearer …` header (RFC 6750 section 2.1), and of nowhere else. As in FastAPI the
 * scheme ends at the first space and has any letter case.
 *
 * @returns null when the header is absent or names another scheme: "Not authenticated"; whatever follows the scheme
 * otherwise, to be verified: "Could not validate credentials"
 */
export function bearerToken({ headers }: { headers: IncomingHttpHeaders }): string | null {
  const { authorization } = headers;
  if (authorization === undefined) return null;
  const space = authorization.indexOf(' ');
  const scheme = space < 0 ? authorization : authorization.slice(0, space);
  if (scheme.length !== BEARER.length || scheme.toLowerCase() !== BEARER) return null;
  const token = space < 0 ? '' : authorization.slice(space + 1).trim();
  return authorization.length > MAX_AUTHORIZATION_LENGTH ? NO_TOKEN : token || NO_TOKEN;
}
