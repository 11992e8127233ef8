import type { IncomingHttpHeaders } from 'node:http';
import { MAX_AUTHORIZATION_LENGTH } from '../../platform/http/header-limits.js';

const BEARER = 'bearer';
/** Replaces a missing or overlong token after the scheme. Its verification always fails. */
const INVALID_TOKEN = '-';

/**
 * Reads the token of an `Authorization: Bearer …` header (RFC 6750 section 2.1), the only accepted method. As in FastAPI,
 * the scheme ends at the first space and is case-insensitive.
 *
 * @returns null if the header is absent or has another scheme ("Not authenticated"); otherwise the text after the scheme
 * ("Could not validate credentials" if it is invalid)
 */
export function bearerToken({ headers }: { headers: IncomingHttpHeaders }): string | null {
  const { authorization } = headers;
  if (authorization === undefined) return null;
  const space = authorization.indexOf(' ');
  const scheme = space < 0 ? authorization : authorization.slice(0, space);
  if (scheme.length !== BEARER.length || scheme.toLowerCase() !== BEARER) return null;
  const token = space < 0 ? '' : authorization.slice(space + 1).trim();
  return authorization.length > MAX_AUTHORIZATION_LENGTH ? INVALID_TOKEN : token || INVALID_TOKEN;
}
