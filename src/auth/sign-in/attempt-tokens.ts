import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { KeyRing, type PerSecret } from '../../platform/config/key-ring.js';
import type { User } from '../../users/user.entity.js';
import type { FactorName } from './factors/factor.js';

const LIFETIME_SECONDS = 300;
const AUDIENCE = 'sign-in-attempt';

/** A sign-in with some proven factors that needs another one. */
export interface AttemptClaims {
  /** The id of the session that it will open. */
  sessionId: string;
  userId: number;
  /** The proven factors. */
  factors: readonly FactorName[];
  /** A MAC over the password hash and the session epoch of the account. */
  state: string;
}

type Account = Pick<User, 'id' | 'passwordHash' | 'sessionEpoch'>;

/**
 * Issues and verifies the tokens with which a client continues a sign-in. A token is signed and not stored. It is valid
 * for five minutes, unless the password is changed or the account is disabled. It opens at most one session, because it
 * contains the id of that session, which is a primary key.
 */
@Injectable()
export class AttemptTokens {
  private readonly jwt = new JwtService({
    signOptions: { algorithm: 'HS256', audience: AUDIENCE, expiresIn: LIFETIME_SECONDS },
    verifyOptions: { algorithms: ['HS256'], audience: AUDIENCE },
  });
  private readonly keys: PerSecret<Buffer>;

  constructor(ring: KeyRing) {
    this.keys = ring.derive('sign-in.attempt');
  }

  issue(sessionId: string, user: Account, factors: readonly FactorName[]): string {
    const [secret] = this.keys;
    const state = stateOf(user, secret);
    return this.jwt.sign({ factors, state }, { secret, jwtid: sessionId, subject: String(user.id) });
  }

  /** @returns undefined for a token that is not genuine or has expired */
  verify(token: string): AttemptClaims | undefined {
    const claims = this.verifyClaims(token);
    return claims && { ...claims, sessionId: claims.jti, userId: Number(claims.sub) };
  }

  /** Whether the account has neither changed its password nor been disabled since the token was issued. */
  isUnchanged(user: Account, { state }: AttemptClaims): boolean {
    return this.keys.some((key) => stateOf(user, key) === state);
  }

  private verifyClaims(token: string): Claims | undefined {
    for (const secret of this.keys) {
      try {
        return this.jwt.verify<Claims>(token, { secret });
      } catch {
        continue;
      }
    }
    return undefined;
  }
}

interface Claims {
  jti: string;
  sub: string;
  factors: FactorName[];
  state: string;
}

function stateOf({ passwordHash, sessionEpoch }: Account, key: Buffer): string {
  return createHmac('sha256', key).update(`${sessionEpoch} ${passwordHash}`).digest('base64url');
}
