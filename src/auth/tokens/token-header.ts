/**
 * Whether the JOSE header of a token is that of an access token. The library checks `alg` only. Tokens with critical
 * extensions must be rejected, because this service supports none (RFC 7515 section 4.1.11). Other kinds of token that
 * are signed with the same key have another `typ` (RFC 8725 section 3.11).
 *
 * @param token any text
 */
export function hasAccessTokenHeader(token: string): boolean {
  const header = decodeHeader(token);
  return header?.crit === undefined && typeof header?.typ === 'string' && header.typ.toUpperCase() === 'JWT';
}

/** Parameters of a JOSE header that this service reads. */
interface TokenHeader {
  typ?: unknown;
  crit?: unknown;
  kid?: unknown;
}

/** @returns null for a string that is not a token */
export function decodeHeader(token: string): TokenHeader | null {
  try {
    return JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString()) as object | null;
  } catch {
    return null;
  }
}
