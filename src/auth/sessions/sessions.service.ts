import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull, Not } from 'typeorm';
import { AuditWriter } from '../../audit/audit-writer.js';
import { ThrottledAudit } from '../../audit/throttled-audit.js';
import type { Caller } from '../../platform/http/caller.js';
import { lockActiveAccount } from '../../users/active-account.js';
import { LifetimeSettings } from '../tokens/lifetime.settings.js';
import { deviceLabel } from './device-label.js';
import { type RefreshToken, RefreshTokens } from './refresh-token.js';
import { SessionMetrics } from './session-metrics.js';
import { Session, type SessionEndReason } from './session.entity.js';
import { OPEN } from './sessions.sql.js';

/**
 * Live sessions of one account, not counting those whose access token is still valid: a script that signs in each minute
 * and never out does not fill the table.
 */
export const MAX_LIVE_SESSIONS = 100;
/** Live sessions of one account in total, however long access tokens last. */
const MAX_SESSIONS = 1000;
/** Bounds the data of one event. The sessions themselves keep the reason of their end. */
const MAX_IDS_IN_EVENT = 1000;

/** A sign-in that is to become a session. */
export interface NewSession extends Pick<Session, 'id' | 'userId' | 'aal' | 'amr'> {
  caller: Caller;
  /** The hash that the account had when its user was authenticated. */
  passwordHash: string;
  /** Sessions whose refresh cookies the sign-in replaces, of any account: they end. */
  replaced?: readonly string[];
}

export interface OpenedSession {
  id: string;
  /** For the client alone; only its hash is stored. */
  refreshToken: string;
  /** The account has been used before, and never on such a device. */
  isNewDevice: boolean;
}

interface OpenedRow {
  new_device: boolean;
  evicted: number;
  evicted_ids: string[];
}

/** Who ends a session, and from where; absent for what a job or a command does. */
export interface RevokedBy {
  actorId: number | null;
  caller?: Pick<Caller, 'address' | 'userAgent' | 'requestId'>;
}

interface Revocation {
  reason: SessionEndReason;
  sessions: number;
  /** The session that ended. */
  sessionId?: string;
  /** The sessions that ended, or some of them. */
  sessionIds?: readonly string[];
  by?: RevokedBy | undefined;
}

/** Opens and ends sessions, within the transaction of the caller. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly lifetimes: LifetimeSettings,
    private readonly tokens: RefreshTokens,
    private readonly audit: AuditWriter,
    private readonly metrics: SessionMetrics,
    private readonly throttledAudit: ThrottledAudit,
  ) {}

  /**
   * Opens a session. The account's row is locked until the commit: if the password is changed meanwhile, no session is
   * opened, and of several sign-ins at once each sees the sessions of those before it.
   *
   * @returns undefined when the account is gone or disabled, or its password hash is another than the order's
   */
  async open(tx: EntityManager, order: NewSession): Promise<OpenedSession | undefined> {
    const { id, userId, caller, replaced = [] } = order;
    const token = this.tokens.issue(id);
    const row = await this.insert(tx, order, token);
    if (!row) return undefined;
    await this.audit.record(tx, {
      action: 'session.opened',
      outcome: 'success',
      actorId: userId,
      subjectId: userId,
      caller,
      sessionId: token.sessionId,
      data: { new_device: row.new_device, evicted: row.evicted },
    });
    const by = { actorId: userId, caller };
    if (row.evicted > 0) {
      await this.recordRevocation(tx, userId, {
        reason: 'evicted',
        sessions: row.evicted,
        sessionIds: row.evicted_ids,
        by,
      });
    }
    for (const sessionId of replaced) await this.revoke(tx, sessionId, 'replaced', by);
    this.metrics.countOpened(tx);
    return { id, refreshToken: token.text, isNewDevice: row.new_device };
  }

  private async insert(
    tx: EntityManager,
    { userId, passwordHash, caller, aal, amr }: NewSession,
    token: RefreshToken,
  ): Promise<OpenedRow | undefined> {
    const { SESSION_IDLE_DAYS, SESSION_MAX_DAYS, ACCESS_TOKEN_EXPIRE_MINUTES } = this.lifetimes;
    if (!(await lockActiveAccount(tx, userId, passwordHash))) return undefined;
    const values = OPEN.values({
      id: token.sessionId,
      userId,
      deviceLabel: deviceLabel(caller.userAgent),
      userAgent: caller.userAgent,
      address: caller.address,
      tokenHash: token.hash,
      idleDays: SESSION_IDLE_DAYS,
      maxDays: SESSION_MAX_DAYS,
      accessMinutes: ACCESS_TOKEN_EXPIRE_MINUTES,
      mostUnused: MAX_LIVE_SESSIONS - 1,
      most: MAX_SESSIONS - 1,
      mostIds: MAX_IDS_IN_EVENT,
      aal,
      amr,
    });
    const [row] = await tx.query<OpenedRow[]>(OPEN.text, values);
    return row;
  }

  /**
   * Renews the time of a session's authentication.
   *
   * @returns false for a session that has ended
   */
  async renewAuthentication(tx: EntityManager, id: string, by: { actorId: number; caller: Caller }): Promise<boolean> {
    const { affected } = await tx.update(Session, { id, endedAt: IsNull() }, { authenticatedAt: () => 'now()' });
    if (affected !== 1) return false;
    const event = { action: 'session.reauthenticated', outcome: 'success', subjectId: by.actorId } as const;
    await this.audit.record(tx, { ...event, ...by, sessionId: id });
    return true;
  }

  /**
   * Ends one session: its access tokens are refused at the next request of every worker, its refresh token too.
   *
   * @param owner whose it must be; null for anybody's
   * @returns whether there was one to end
   */
  async revoke(
    tx: EntityManager,
    sessionId: string,
    reason: SessionEndReason,
    by?: RevokedBy & { owner?: number | null },
  ): Promise<boolean> {
    const owner = by?.owner ?? null;
    const { raw } = await tx
      .createQueryBuilder()
      .update(Session)
      .set({ endedAt: () => 'now()', endReason: reason })
      .where({ id: sessionId, endedAt: IsNull(), ...(owner === null ? {} : { userId: owner }) })
      .returning('user_id')
      .execute();
    const [row] = raw as { user_id: number }[];
    if (!row) return false;
    await this.recordRevocation(tx, row.user_id, { reason, sessions: 1, sessionId, by });
    return true;
  }

  /**
   * Ends every session of an account, or every other one. Who does so because the account changes (password, address,
   * being disabled) changes the account's row first, in the same transaction: a sign-in that is under way has then either
   * opened its session, which ends here, or opens none.
   *
   * @returns how many there were to end
   */
  async revokeAllFor(
    tx: EntityManager,
    userId: number,
    { except = null, reason, by }: { except?: string | null; reason: SessionEndReason; by?: RevokedBy },
  ): Promise<number> {
    // Expired sessions too: a clock that is set back must not revive them.
    const ended = await tx.update(
      Session,
      { userId, endedAt: IsNull(), ...(except === null ? {} : { id: Not(except) }) },
      { endedAt: () => 'now()', endReason: reason },
    );
    const sessions = ended.affected ?? 0;
    if (sessions > 0) await this.recordRevocation(tx, userId, { reason, sessions, by });
    return sessions;
  }

  /** Records that a used refresh token gave its successor again after the grace. */
  async recordLateRepeat(userId: number, sessionId: string, caller: Caller): Promise<void> {
    const event = { action: 'session.refresh_repeated', outcome: 'success', actorId: null, subjectId: userId } as const;
    await this.throttledAudit.record(sessionId, { ...event, caller, sessionId });
  }

  /** Records that a genuine refresh token was refused. @param userId null where the session is unknown */
  async recordRefusedRefresh(
    userId: number | null,
    sessionId: string,
    reason: 'session_over' | 'unknown_session' | 'unknown_token',
    caller: Caller,
  ): Promise<void> {
    const event = { action: 'session.refresh_refused', outcome: 'failure', actorId: null, subjectId: userId } as const;
    await this.throttledAudit.record(sessionId, { ...event, caller, sessionId, data: { reason } });
  }

  private async recordRevocation(tx: EntityManager, userId: number, what: Revocation): Promise<void> {
    const { reason, sessions, sessionId = null, sessionIds, by } = what;
    this.metrics.countRevoked(tx, reason, sessions);
    const reused = reason === 'reuse';
    await this.audit.record(tx, {
      action: reused ? 'session.reuse_detected' : 'session.ended',
      outcome: reused ? 'failure' : 'success',
      actorId: by ? by.actorId : userId,
      subjectId: userId,
      ...(by?.caller ? { caller: by.caller } : {}),
      sessionId,
      data: { reason, sessions, ...(sessionIds ? { session_ids: sessionIds } : {}) },
    });
  }
}
