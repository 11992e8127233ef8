import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { type AccessTokenClaims, subjectOf, type TokenSubject } from './access-token.js';
import { isAccessTokenHeader } from './token-header.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Verifies access tokens: signature, algorithm, issuer, audience, times and claims. */
@Injectable()
export class AccessTokenVerifier {
  private readonly verified = new VerifiedTokens();

  constructor(private readonly jwt: JwtService) {}

  /**
   * @param token any text
   * @returns undefined for a token that is not valid
   */
  verify(token: string): TokenSubject | undefined {
    const now = Date.now() / 1000;
    const known = this.verified.find(token, now);
    const claims = known ?? this.claimsOf(token);
    const subject = subjectOf(claims, now);
    if (claims && subject && !known) this.verified.remember(token, claims);
    return subject;
  }

  private claimsOf(token: string): AccessTokenClaims | undefined {
    if (!isAccessTokenHeader(token)) return undefined;
    try {
      return this.jwt.verify<AccessTokenClaims>(token);
    } catch {
      // The library throws for whatever is wrong with a token: a TypeError too, where the signed payload is `null`.
      return undefined;
    }
  }
}
