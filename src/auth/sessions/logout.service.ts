import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SessionPrincipal } from '../../access/principal.js';
import { inTransaction } from '../../platform/database/transaction.js';
import type { Caller } from '../../platform/http/caller.js';
import { RefreshTokens } from './refresh-token.js';
import { SessionsService } from './sessions.service.js';

/** Signs clients out. */
@Injectable()
export class LogoutService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: RefreshTokens,
    private readonly sessions: SessionsService,
  ) {}

  /**
   * Ends the session of the access token and the sessions of the cookies that the response deletes. The refresh token of
   * the body counts only without an access token, so that a client does not sign out another one by mistake. A session
   * that has already ended is not an error.
   *
   * @param ofCookies sessions of the client's refresh cookies, in cookie mode
   */
  async logout(
    principal: SessionPrincipal | null,
    { refreshToken, ofCookies }: { refreshToken: string | null; ofCookies: readonly string[] },
    caller: Caller,
  ): Promise<void> {
    const current = principal ? principal.sessionId : (this.tokens.verify(refreshToken ?? '')?.sessionId ?? null);
    const sessionIds = new Set([...(current ? [current] : []), ...ofCookies]);
    if (sessionIds.size === 0) return;
    const by = { actorId: principal?.user.id ?? null, caller };
    await inTransaction(this.dataSource, async (tx) => {
      for (const sessionId of sessionIds) await this.sessions.revoke(tx, sessionId, 'logout', by);
    });
  }
}
