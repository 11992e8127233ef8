import { Injectable } from '@nestjs/common';
import jwt, { type VerifyOptions } from 'jsonwebtoken';
import { type AccessTokenClaims, parseSubject, type TokenSubject } from './access-token.js';
import { SigningKeys } from './signing-keys.js';
import { hasAccessTokenHeader } from './token-header.js';
import { TokenSettings } from './token.settings.js';
import { VerifiedTokenCache } from './verified-token-cache.js';

/** Verifies access tokens: signature, algorithm, issuer, audience, times and claims. */
@Injectable()
export class AccessTokenVerifier {
  private readonly cache = new VerifiedTokenCache();
  private readonly options: VerifyOptions;

  constructor(
    private readonly keys: SigningKeys,
    { JWT_ALGORITHM, JWT_ISSUER, JWT_AUDIENCE }: TokenSettings,
  ) {
    this.options = { algorithms: [JWT_ALGORITHM], issuer: JWT_ISSUER, audience: JWT_AUDIENCE };
  }

  /**
   * @param token any text
   * @returns undefined for an invalid token
   */
  verify(token: string): TokenSubject | undefined {
    const now = Date.now() / 1000;
    const cached = this.cache.find(token, now);
    const claims = cached ?? this.verifyClaims(token);
    const subject = parseSubject(claims, now);
    if (subject && !cached) this.cache.set(token, claims as AccessTokenClaims);
    return subject;
  }

  /** Calls the library under @nestjs/jwt directly, because JwtService is not typed for verification with a KeyObject. */
  private verifyClaims(token: string): unknown {
    const key = hasAccessTokenHeader(token) ? this.keys.verifier(token) : null;
    if (!key) return undefined;
    try {
      return jwt.verify(token, key, this.options);
    } catch {
      // The library throws for every invalid token, including a TypeError for a signed payload of `null`.
      return undefined;
    }
  }
}
