import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Principal } from '../../access/principal.js';
import { inTransaction } from '../../platform/database/transaction.js';
import type { Caller } from '../../platform/http/caller.js';
import { RefreshTokens } from './refresh-token.js';
import { SessionsService } from './sessions.service.js';

/** Signing out. */
@Injectable()
export class LogoutService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: RefreshTokens,
    private readonly sessions: SessionsService,
  ) {}

  /**
   * Ends the session of the access token. The refresh token decides only where there is none: it is never looked at beside
   * an access token, so that nobody signs out another one by mistake. Ending what is over is no error.
   */
  async logout(principal: Principal | null, refreshToken: string | null, caller: Caller): Promise<void> {
    const sessionId = principal ? principal.sessionId : (this.tokens.read(refreshToken ?? '')?.sessionId ?? null);
    if (sessionId === null) return;
    const by = { actorId: principal?.user.id ?? null, caller };
    await inTransaction(this.dataSource, async (tx) => this.sessions.end(tx, sessionId, 'logout', by));
  }
}
