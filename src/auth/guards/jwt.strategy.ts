import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import type { Principal } from '../../access/principal.js';
import { Environment } from '../../platform/config/environment.js';
import type { Account } from '../../users/user.entity.js';
import { PrincipalLoader } from '../sessions/principal-loader.js';
import { type AccessTokenClaims, subjectOf } from '../tokens/access-token.js';
import { bearerToken } from '../tokens/bearer-token.js';
import { isAccessTokenHeader } from '../tokens/token-header.js';
import { TokenKeys } from '../tokens/token-keys.js';
import { VerifiedTokens } from '../tokens/verified-tokens.js';

type AuthenticateParameters = Parameters<Strategy['authenticate']>;

/** Who a bearer token stands for; the strategy `jwt` of the global guard. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  private readonly verified = new VerifiedTokens();

  constructor(
    environment: Environment,
    keys: TokenKeys,
    private readonly principals: PrincipalLoader,
  ) {
    super({
      jwtFromRequest: bearerToken,
      // The library takes a KeyObject; its types know strings and buffers only.
      secretOrKeyProvider: (_request: unknown, token: string, done: (error: string | null, key?: Buffer) => void) => {
        const key = isAccessTokenHeader(token) ? keys.verifierOf(token) : null;
        if (key) done(null, key as unknown as Buffer);
        else done('not the header of an access token');
      },
      algorithms: [environment.JWT_ALGORITHM],
      issuer: environment.JWT_ISSUER,
      audience: environment.JWT_AUDIENCE,
      passReqToCallback: true,
    });
  }

  override authenticate(...parameters: AuthenticateParameters): void {
    const token = bearerToken(parameters[0]);
    const claims = token === null ? undefined : this.verified.find(token, Date.now() / 1000);
    if (!claims) {
      this.verify(...parameters);
      return;
    }
    this.principalOf(claims).then(
      (principal) => (principal ? this.success(principal) : this.fail(401)),
      (error: unknown) => this.error(error as Error),
    );
  }

  /** A signed payload that is JSON's `null` makes the library throw where it should refuse (row A33). */
  private verify(...parameters: AuthenticateParameters): void {
    try {
      super.authenticate(...parameters);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.fail(error, 401);
    }
  }

  /** Called with the claims of a token that has just been verified. */
  async validate(request: AuthenticateParameters[0], claims: AccessTokenClaims): Promise<Principal<Account> | false> {
    const token = bearerToken(request);
    if (token !== null && subjectOf(claims, Date.now() / 1000)) this.verified.remember(token, claims);
    return this.principalOf(claims);
  }

  /** @returns false, a 401, for claims that are not ours, a user who is gone or disabled, and a session that is over */
  private async principalOf(claims: AccessTokenClaims): Promise<Principal<Account> | false> {
    const subject = subjectOf(claims, Date.now() / 1000);
    if (!subject) return false;
    const { tokenId, sessionId } = subject;
    const principal = await this.principals.load(subject);
    return principal?.user.isActive ? { ...principal, tokenId, sessionId } : false;
  }
}
