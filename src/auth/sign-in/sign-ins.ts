import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/transaction.js';
import type { Caller } from '../../platform/http/caller.js';
import type { User } from '../../users/user.entity.js';
import type { TokenResponse } from '../tokens/token-response.dto.js';
import { TokenService } from '../tokens/token-service.js';
import { NewSignInMail } from './new-sign-in-mail.js';
import { SessionMetrics } from '../sessions/session-metrics.js';
import { SessionsService } from '../sessions/sessions.service.js';

/** Whose password was right, and as which hash it was compared. */
export type Verified = Pick<User, 'id' | 'email' | 'passwordHash'>;

/** Somebody who has just signed in. */
export interface SignedIn {
  userId: number;
  sessionId: string;
  tokens: TokenResponse;
}

/** The end of every sign-in: a session, its record and its message are there together, or none of them. */
@Injectable()
export class SignIns {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionsService,
    private readonly mail: NewSignInMail,
    private readonly tokens: TokenService,
    private readonly metrics: SessionMetrics,
  ) {}

  /**
   * @param replaced the sessions whose refresh cookies the sign-in replaces: they end
   * @returns undefined if the account has changed since the password was compared: the caller compares it again
   */
  async open(user: Verified, caller: Caller, replaced: readonly string[] = []): Promise<SignedIn | undefined> {
    const session = await inTransaction(this.dataSource, async (tx) => {
      const order = { userId: user.id, caller, passwordHash: user.passwordHash, replaced };
      const opened = await this.sessions.open(tx, order);
      if (opened) await this.mail.order(tx, user, opened, caller);
      return opened;
    });
    if (!session) return undefined;
    this.metrics.countOpened();
    const { id: sessionId, refreshToken } = session;
    const tokens = await this.tokens.issue(user.id, { sessionId, generation: 0, refreshToken });
    return { userId: user.id, sessionId, tokens };
  }
}
