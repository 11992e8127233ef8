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
 * Number of live sessions of one account beyond which a sign-in revokes those without a valid access token: first those of
 * the same device, then the least recently used. Bounds the sessions of a script that signs in every minute and never signs out.
 */
export const MAX_LIVE_SESSIONS = 100;
/** Maximum number of live sessions of one account in total. */
const MAX_SESSIONS = 1000;
/** Bounds the data of one event. The sessions keep the reason of their end too. */
const MAX_IDS_IN_EVENT = 1000;

/** A session to open. */
export interface NewSession extends Pick<Session, 'id' | 'userId' | 'aal' | 'amr'> {
  caller: Caller;
  /** The password hash of the account when the user was authenticated. */
  passwordHash: string;
  /** Sessions of any account to end, because the sign-in replaces their refresh cookies. */
  replaced?: readonly string[];
}

export interface OpenedSession {
  id: string;
  /** Sent to the client only; the database stores its hash. */
  refreshToken: string;
  /** The account has been used before, but not on a device with this label. */
  isNewDevice: boolean;
}

interface OpenedRow {
  new_device: boolean;
  evicted: number;
  evicted_ids: string[];
}

/** Who ends a session, and from where. Absent if a job or a command ends it. */
export interface RevokedBy {
  actorId: number | null;
  caller?: Pick<Caller, 'address' | 'userAgent' | 'requestId'>;
}

interface Revocation {
  reason: SessionEndReason;
  sessions: number;
  /** The ended session. */
  sessionId?: string;
  /** The ended sessions, up to MAX_IDS_IN_EVENT. */
  sessionIds?: readonly string[];
  by?: RevokedBy | undefined;
}

/** Opens and revokes sessions within the transaction of the caller. */
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
   * Opens a session. Locks the row of the account until the commit, so that no session is opened after a concurrent
   * change of the password, and concurrent sign-ins see each other's sessions.
   *
   * @returns undefined if the account is deleted or disabled, or its password hash has changed
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
      maxUnused: MAX_LIVE_SESSIONS - 1,
      maxTotal: MAX_SESSIONS - 1,
      maxIds: MAX_IDS_IN_EVENT,
      aal,
      amr,
    });
    const [row] = await tx.query<OpenedRow[]>(OPEN.text, values);
    return row;
  }

  /**
   * Renews the authentication time of a session.
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
   * Revokes one session. Every worker refuses its access tokens and its refresh token from the next request on.
   *
   * @param by.owner the account that the session must belong to; null for any
   * @returns false if there was no such session
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
   * Revokes every session of an account, or every session except one. A caller that changes the account (its password, or
   * whether it is active) must write the account's row first, in the same transaction. A concurrent sign-in has then
   * either opened its session, which is revoked here, or opens none.
   *
   * @returns the number of revoked sessions
   */
  async revokeAllFor(
    tx: EntityManager,
    userId: number,
    { except = null, reason, by }: { except?: string | null; reason: SessionEndReason; by?: RevokedBy },
  ): Promise<number> {
    // Includes expired sessions: setting back the clock must not revive them.
    const result = await tx.update(
      Session,
      { userId, endedAt: IsNull(), ...(except === null ? {} : { id: Not(except) }) },
      { endedAt: () => 'now()', endReason: reason },
    );
    const sessions = result.affected ?? 0;
    if (sessions > 0) await this.recordRevocation(tx, userId, { reason, sessions, by });
    return sessions;
  }

  /** Records that a used refresh token returned its child again after the grace period. */
  async recordLateRepeat(userId: number, sessionId: string, caller: Caller): Promise<void> {
    const event = { action: 'session.refresh_repeated', outcome: 'success', actorId: null, subjectId: userId } as const;
    await this.throttledAudit.record(sessionId, { ...event, caller, sessionId });
  }

  /**
   * Records that a genuine refresh token was refused.
   *
   * @param userId null if the session is unknown
   */
  async recordRefusedRefresh(
    userId: number | null,
    sessionId: string,
    reason: 'session_over' | 'unknown_session' | 'unknown_token',
    caller: Caller,
  ): Promise<void> {
    const event = { action: 'session.refresh_refused', outcome: 'failure', actorId: null, subjectId: userId } as const;
    await this.throttledAudit.record(sessionId, { ...event, caller, sessionId, data: { reason } });
  }

  private async recordRevocation(tx: EntityManager, userId: number, revocation: Revocation): Promise<void> {
    const { reason, sessions, sessionId = null, sessionIds, by } = revocation;
    this.metrics.countRevoked(tx, reason, sessions);
    const isReuse = reason === 'reuse';
    await this.audit.record(tx, {
      action: isReuse ? 'session.reuse_detected' : 'session.ended',
      outcome: isReuse ? 'failure' : 'success',
      actorId: by ? by.actorId : userId,
      subjectId: userId,
      ...(by?.caller ? { caller: by.caller } : {}),
      sessionId,
      data: { reason, sessions, ...(sessionIds ? { session_ids: sessionIds } : {}) },
    });
  }
}
