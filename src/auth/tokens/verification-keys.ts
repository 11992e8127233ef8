import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Environment } from '../../platform/config/environment.js';
import type { JwtAlgorithm } from '../../platform/config/signing-key.js';

const HASHES: Readonly<Record<JwtAlgorithm, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

/** The key as an object: from a string the library would first try to read a public key, at 480 µs for every token. */
export function keyObject(key: string): KeyObject {
  return createSecretKey(Buffer.from(key));
}

/**
 * The keys whose tokens are good: SECRET_KEY, which signs, and SECRET_KEY_PREVIOUS while the key is being changed (row
 * A39). Tokens carry no key id, so that those from before the change need none: the signature tells whose it is.
 */
export class VerificationKeys {
  private readonly current: KeyObject;
  private readonly previous: KeyObject | undefined;
  private readonly hash: string;

  constructor({ SECRET_KEY, SECRET_KEY_PREVIOUS, JWT_ALGORITHM }: Environment) {
    this.current = keyObject(SECRET_KEY);
    this.previous = SECRET_KEY_PREVIOUS ? keyObject(SECRET_KEY_PREVIOUS) : undefined;
    this.hash = HASHES[JWT_ALGORITHM];
  }

  /**
   * The key to verify a token with. It only chooses: signature, algorithm and claims are the library's to check.
   *
   * @param token any text; what is no token gets the current key, with which it will be refused
   */
  keyFor(token: string): KeyObject {
    return this.previous && this.isSignedWith(this.previous, token) ? this.previous : this.current;
  }

  private isSignedWith(key: KeyObject, token: string): boolean {
    const dot = token.lastIndexOf('.');
    const expected = createHmac(this.hash, key)
      .update(token.slice(0, Math.max(dot, 0)))
      .digest();
    const given = Buffer.from(token.slice(dot + 1), 'base64url');
    // A comparison that stops at the first difference would tell a forger, byte by byte, the signature that fits.
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}
