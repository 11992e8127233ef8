import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { KeyRing, type PerSecret, type Secret } from '../../platform/config/key-ring.js';
import type { JwtAlgorithm } from '../../platform/config/signing-key.js';
import { decodeHeader } from './token-header.js';
import { TokenSettings } from './token.settings.js';

const HASHES: Readonly<Record<JwtAlgorithm, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };
const KEY_ID_BYTES = 9;

/** A key that signs access tokens. */
export interface SigningKey {
  /** The `kid` of its tokens. Derived, so that it reveals nothing about the key (see RFC 7638 section 7). */
  readonly id: string;
  /** Not a string, which the library would first try to parse as a public key, 480 µs for each token. */
  readonly key: KeyObject;
}

/** The keys that sign and verify access tokens: SECRET_KEY and, during a key rotation, SECRET_KEY_PREVIOUS. */
@Injectable()
export class SigningKeys {
  private readonly keys: PerSecret<SigningKey>;
  private readonly hash: string;

  constructor(ring: KeyRing, { JWT_ALGORITHM }: TokenSettings) {
    this.keys = ring.each(toSigningKey);
    this.hash = HASHES[JWT_ALGORITHM];
  }

  /** The key that signs new tokens. */
  get signer(): SigningKey {
    return this.keys[0];
  }

  /**
   * Chooses the key to verify a token with. The caller verifies signature, algorithm and claims.
   *
   * @param token any text
   * @returns null if the token names an unknown key
   */
  verifier(token: string): KeyObject | null {
    const kid = decodeHeader(token)?.kid;
    const chosen = kid === undefined ? this.findSigner(token) : this.keys.find(({ id }) => id === kid);
    return chosen?.key ?? null;
  }

  /** Tokens of the previous release have no `kid`: finds the key that matches the signature, otherwise the current one. */
  private findSigner(token: string): SigningKey {
    const [current, ...previous] = this.keys;
    return previous.find(({ key }) => this.isSignedWith(key, token)) ?? current;
  }

  private isSignedWith(key: KeyObject, token: string): boolean {
    const dot = token.lastIndexOf('.');
    const expected = createHmac(this.hash, key)
      .update(token.slice(0, Math.max(dot, 0)))
      .digest();
    const received = Buffer.from(token.slice(dot + 1), 'base64url');
    // A comparison that stops at the first difference would reveal the correct signature byte by byte.
    return received.length === expected.length && timingSafeEqual(received, expected);
  }
}

function toSigningKey(secret: Secret): SigningKey {
  const id = secret.derive('access-token.key-id').subarray(0, KEY_ID_BYTES).toString('base64url');
  return { id, key: createSecretKey(secret.signingKey()) };
}
