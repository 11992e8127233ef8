import { createHmac } from 'node:crypto';
import { TEST_SECRET } from './test-app.js';

/** The hash of each HMAC algorithm of RFC 7518. */
const HASHES: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

export interface Forgery {
  /** Replaces or, with undefined, removes parts of the header. */
  header?: Record<string, unknown>;
  /** Replaces or, with undefined, removes claims. */
  claims?: Record<string, unknown>;
  /** Replaces the whole payload. */
  payload?: string;
  secret?: string | Buffer;
  /** Algorithm of the signature, even if `header.alg` differs. */
  signedAs?: string;
}

export function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** The claims of an access token. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

/**
 * An access token signed by hand, with any part of it changed.
 *
 * @param issued a token issued by the API, which provides the unchanged claims
 */
export function forge(issued: string, forgery: Forgery = {}): string {
  const { header = {}, claims = {}, payload, secret = TEST_SECRET, signedAs = 'HS256' } = forgery;
  const signed = [
    base64url(JSON.stringify({ alg: signedAs, typ: 'JWT', ...header })),
    base64url(payload ?? JSON.stringify({ ...claimsOf(issued), ...claims })),
  ].join('.');
  return `${signed}.${createHmac(HASHES[signedAs] ?? 'sha256', secret)
    .update(signed)
    .digest('base64url')}`;
}
