import { Injectable } from '@nestjs/common';
import { BearerTokenKind, type BearerVerifier } from '../../access/bearer-verifier.js';
import type { SessionPrincipal } from '../../access/principal.js';
import type { Account } from '../../users/user.entity.js';
import { AccessTokenVerifier } from '../tokens/access-token-verifier.js';
import { PrincipalLoader } from './principal-loader.js';

/** The first characters of every JWT: `{"` in base64url. */
const JWT_START = 'eyJ';

/** Verifies the access tokens of sessions. */
@BearerTokenKind()
@Injectable()
export class SessionBearerVerifier implements BearerVerifier {
  constructor(
    private readonly tokens: AccessTokenVerifier,
    private readonly principals: PrincipalLoader,
  ) {}

  accepts(token: string): boolean {
    return token.startsWith(JWT_START);
  }

  async verify(token: string): Promise<SessionPrincipal<Account> | null> {
    const subject = this.tokens.verify(token);
    return subject ? ((await this.principals.load(subject)) ?? null) : null;
  }
}
