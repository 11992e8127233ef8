import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { inTransaction, retryTransient } from '../../platform/database/transaction.js';
import type { Caller } from '../../platform/http/caller.js';
import { LifetimeSettings } from '../tokens/lifetime.settings.js';
import { type RefreshToken, RefreshTokens } from './refresh-token.js';
import { type RefreshOutcome, SessionMetrics } from './session-metrics.js';
import { refreshFailed } from './session.errors.js';
import { SessionsService } from './sessions.service.js';
import { INSPECT, ROTATE } from './sessions.sql.js';

/** What a refresh token was good for. */
export interface RefreshResult {
  userId: number;
  sessionId: string;
  /** Number of the child. */
  generation: number;
  /** The child, which the client keeps from now on. */
  refreshToken: string;
}

interface SessionState {
  user_id: number;
  generation: number;
  token_hash: Buffer;
  previous_token_hash: Buffer | null;
  live: boolean;
  repeatable: boolean;
  previous_repeatable: boolean;
  late: boolean;
}

/** Takes a refresh token and gives its child (RFC 9700 section 4.14.2). */
@Injectable()
export class RefreshService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly lifetimes: LifetimeSettings,
    private readonly tokens: RefreshTokens,
    private readonly sessions: SessionsService,
    private readonly metrics: SessionMetrics,
  ) {}

  /**
   * Every token works once. If it is presented again, it gives the same child while that child is unused, because the
   * answer may have been lost, and for REFRESH_GRACE_SECONDS after its first use, for tabs that refresh at the same
   * time. Later it counts as copied, as every token older
   * than the parent of the parent does, and the session ends for both parties.
   *
   * @throws AppError 401 auth.refresh_failed, one answer for everything
   */
  async refresh(text: string, caller: Caller): Promise<RefreshResult> {
    let outcome: RefreshOutcome = 'error';
    try {
      const token = this.tokens.verify(text);
      const refreshed = token && ((await this.rotate(token, caller)) ?? (await this.detectReuse(token, caller)));
      outcome = refreshed?.outcome ?? 'refused';
      if (refreshed && 'userId' in refreshed) return refreshed;
    } finally {
      this.metrics.countRefresh(outcome);
    }
    throw refreshFailed();
  }

  /** @returns undefined when the token is not the good one of a live session, whatever else it may be */
  private async rotate(
    token: RefreshToken,
    caller: Caller,
  ): Promise<(RefreshResult & { outcome: 'success' }) | undefined> {
    const { SESSION_IDLE_DAYS, SESSION_MAX_DAYS } = this.lifetimes;
    const [child] = this.tokens.successors(token);
    const values = ROTATE.values({
      id: token.sessionId,
      hash: token.hash,
      childHash: child.hash,
      idleDays: SESSION_IDLE_DAYS,
      maxDays: SESSION_MAX_DAYS,
      address: caller.address,
      userAgent: caller.userAgent,
    });
    const [[row]] = await retryTransient(async () =>
      this.dataSource.query<[{ user_id: number }[], number]>(ROTATE.text, values),
    );
    return row && { outcome: 'success', ...toRefreshResult(child, row.user_id) };
  }

  /**
   * A session only goes forward, so what is seen here stays true: a token that was used up before this look can never be
   * the good one again, and nothing has to be held between the look and what follows from it.
   */
  private async detectReuse(
    token: RefreshToken,
    caller: Caller,
  ): Promise<(RefreshResult & { outcome: 'repeated' }) | { outcome: 'reused' | 'refused' }> {
    const { REFRESH_GRACE_SECONDS, SESSION_IDLE_DAYS, SESSION_MAX_DAYS } = this.lifetimes;
    const values = INSPECT.values({
      id: token.sessionId,
      graceSeconds: REFRESH_GRACE_SECONDS,
      idleDays: SESSION_IDLE_DAYS,
      maxDays: SESSION_MAX_DAYS,
    });
    const [state] = await this.dataSource.query<SessionState[]>(INSPECT.text, values);
    if (!state) return this.recordRefusal(token, null, 'unknown_session', caller);
    if (!state.live) return this.recordRefusal(token, state.user_id, 'session_over', caller);
    // The database is an older copy, such as a restored backup: the client has done nothing wrong.
    if (token.generation >= state.generation) return this.recordRefusal(token, state.user_id, 'unknown_token', caller);
    const isParent = token.generation === state.generation - 1;
    if (isParent && state.repeatable) return this.repeatSuccessor(token, state, caller);
    const child = this.findUsedSuccessor(token, state);
    if (child) return { outcome: 'repeated', ...toRefreshResult(child, state.user_id) };
    await inTransaction(this.dataSource, async (tx) =>
      this.sessions.revoke(tx, token.sessionId, 'reuse', { actorId: null, caller }),
    );
    return { outcome: 'reused' };
  }

  /** Gives the child again. It writes nothing to the session: a repeat extends no lifetime. */
  private async repeatSuccessor(
    token: RefreshToken,
    state: SessionState,
    caller: Caller,
  ): Promise<(RefreshResult & { outcome: 'repeated' }) | { outcome: 'refused' }> {
    const child = this.tokens.successors(token).find(({ hash }) => hash.equals(state.token_hash));
    if (!child || !state.previous_token_hash?.equals(token.hash)) {
      return this.recordRefusal(token, state.user_id, 'unknown_token', caller);
    }
    if (state.late) await this.sessions.recordLateRepeat(state.user_id, token.sessionId, caller);
    return { outcome: 'repeated', ...toRefreshResult(child, state.user_id) };
  }

  /** @returns the child of a token whose child was used up within the grace, as by a tab that was faster */
  private findUsedSuccessor(token: RefreshToken, state: SessionState): RefreshToken | undefined {
    const { generation, previous_token_hash: used, previous_repeatable } = state;
    if (token.generation !== generation - 2 || !previous_repeatable || !used) return undefined;
    return this.tokens.successors(token).find(({ hash }) => hash.equals(used));
  }

  private async recordRefusal(
    { sessionId }: RefreshToken,
    userId: number | null,
    reason: 'session_over' | 'unknown_session' | 'unknown_token',
    caller: Caller,
  ): Promise<{ outcome: 'refused' }> {
    await this.sessions.recordRefusedRefresh(userId, sessionId, reason, caller);
    return { outcome: 'refused' };
  }
}

function toRefreshResult({ sessionId, generation, text }: RefreshToken, userId: number): RefreshResult {
  return { userId, sessionId, generation, refreshToken: text };
}
