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

/** The result of a refresh: the session and its next refresh token. */
export interface RefreshResult {
  userId: number;
  sessionId: string;
  /** Generation of the new refresh token. */
  generation: number;
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

/** Exchanges a refresh token for its child: refresh token rotation with reuse detection (RFC 9700 section 4.14.2). */
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
   * Exchanges a token for its child. A token that is presented again gives the same child while that child is unused,
   * because the response may have been lost, and for REFRESH_GRACE_SECONDS after the first use of the child, for tabs
   * that refresh at the same time. Later the token counts as stolen, and the session ends. The same applies to any token
   * older than the grandparent of the current one.
   *
   * @throws AppError 401 auth.refresh_failed in all cases
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

  /** @returns undefined if the token is not the current token of a live session */
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
   * Decides about a genuine token that is not the current one. Needs no lock, because generations only increase: a used
   * token never becomes the current one again.
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
    // The database is an older copy, such as a restored backup. The client did nothing wrong.
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

  /** Returns the same child again. Does not write to the session, so a repeat does not extend its lifetime. */
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

  /** @returns the child of the grandparent token, if that child was used within the grace period, as by a faster tab */
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
