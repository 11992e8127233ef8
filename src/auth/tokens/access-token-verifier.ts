import { Injectable } from '@nestjs/common';
import jwt, { type VerifyOptions } from 'jsonwebtoken';
import { TokenSettings } from './token.settings.js';
import { type AccessTokenClaims, subjectOf, type TokenSubject } from './access-token.js';
import { isAccessTokenHeader } from './token-header.js';
import { TokenKeys } from './token-keys.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Verifies access tokens: signature, algorithm, issuer, audience, times and claims. */
@Injectable()
export class AccessTokenVerifier {
  private readonly verified = new VerifiedTokens();
  private readonly options: VerifyOptions;

  constructor(
    private readonly keys: TokenKeys,
    { JWT_ALGORITHM, JWT_ISSUER, JWT_AUDIENCE }: TokenSettings,
  ) {
    this.options = { algorithms: [JWT_ALGORITHM], issuer: JWT_ISSUER, audience: JWT_AUDIENCE };
  }

  /**
   * @param token any text
   * @returns undefined for a token that is not valid
   */
  verify(token: string): TokenSubject | undefined {
    const now = Date.now() / 1000;
    const known = this.verified.find(token, now);
    const claims = known ?? this.claimsOf(token);
    const subject = subjectOf(claims, now);
    if (subject && !known) this.verified.remember(token, claims as AccessTokenClaims);
    return subject;
  }

  /** Calls the library under @nestjs/jwt directly, because JwtService is not typed for verification with a KeyObject. */
  private claimsOf(token: string): unknown {
    const key = isAccessTokenHeader(token) ? this.keys.verifierOf(token) : null;
    if (!key) return undefined;
    try {
      return jwt.verify(token, key, this.options);
    } catch {
      // The library throws for every token that is not valid, also a TypeError for a signed payload that is `null`.
      return undefined;
    }
  }
}
