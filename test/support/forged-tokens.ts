import { createHmac, randomUUID } from 'node:crypto';
import { TEST_SECRET } from './test-app.js';

/** The hash of each HMAC algorithm of RFC 7518. */
const HASHES: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

export interface Forgery {
  /** Replaces or, with undefined, removes parts of the header. */
  header?: Record<string, unknown>;
  /** Replaces or, with undefined, removes claims of a valid payload. */
  claims?: Record<string, unknown>;
  /** The payload as text instead. */
  payload?: string;
  secret?: string | Buffer;
  /** Algorithm of the signature, whatever the header says. */
  signedAs?: string;
}

export function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** Claims that the service would issue to a user now. */
export function validClaims(userId: number): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  const audience = { iss: 'nest-auth-backend', aud: 'nest-auth-backend' };
  return { sub: String(userId), iat: now, exp: now + 1800, jti: randomUUID(), ...audience };
}

/** A token as the service signs it, made by hand and with any part of it changed. */
export function forge(userId: number, forgery: Forgery = {}): string {
  const { header = {}, claims = {}, payload, secret = TEST_SECRET, signedAs = 'HS256' } = forgery;
  const signed = [
    base64url(JSON.stringify({ alg: signedAs, typ: 'JWT', ...header })),
    base64url(payload ?? JSON.stringify({ ...validClaims(userId), ...claims })),
  ].join('.');
  return `${signed}.${createHmac(HASHES[signedAs] ?? 'sha256', secret)
    .update(signed)
    .digest('base64url')}`;
}
