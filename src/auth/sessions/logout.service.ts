import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SessionPrincipal } from '../../access/principal.js';
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
   * Ends the session of the access token and those of the cookies that the answer deletes. The refresh token of a body counts
   * only without an access token, so that a client does not sign out another one by mistake. Ending a session that is over
   * is not an error.
   *
   * @param ofCookies sessions of the client's refresh cookies, in cookie mode
   */
  async logout(
    principal: SessionPrincipal | null,
    { refreshToken, ofCookies }: { refreshToken: string | null; ofCookies: readonly string[] },
    caller: Caller,
  ): Promise<void> {
    const first = principal ? principal.sessionId : (this.tokens.verify(refreshToken ?? '')?.sessionId ?? null);
    const ended = new Set([...(first ? [first] : []), ...ofCookies]);
    if (ended.size === 0) return;
    const by = { actorId: principal?.user.id ?? null, caller };
    await inTransaction(this.dataSource, async (tx) => {
      for (const sessionId of ended) await this.sessions.revoke(tx, sessionId, 'logout', by);
    });
  }
}
