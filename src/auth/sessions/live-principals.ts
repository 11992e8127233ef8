import { Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { Principal } from '../../access/principal.js';
import { Environment } from '../../platform/config/environment.js';
import { PreparedQuery } from '../../platform/database/prepared-query.js';
import { type AccountRow, accountFromRow } from '../../users/account-row.js';
import type { Account } from '../../users/user.entity.js';
import { RefreshConfirmations } from './refresh-confirmations.js';
import { LIVE_PRINCIPALS } from './sessions.sql.js';

/** What an access token stands for. */
export interface PrincipalKey {
  readonly userId: number;
  readonly sessionId: string;
  /** Number of the refresh that issued the token, if known. */
  readonly generation?: number | undefined;
}

interface PrincipalRow extends AccountRow {
  session_epoch: number;
  live: string | null;
  unconfirmed: string | null;
}

/** How the user of a session has proved who they are. */
type Authentication = Pick<Principal, 'aal' | 'amr' | 'authenticatedAt' | 'authenticationAge'>;

/** An account with the authentication of one of its live sessions. */
export interface LivePrincipal extends Authentication {
  readonly user: Account;
}

/** Reads who may go on: accounts beside the sessions that their tokens belong to. */
@Injectable()
export class LivePrincipals {
  private readonly principals: PreparedQuery<PrincipalRow>;

  constructor(
    dataSource: DataSource,
    { DATABASE_POOL_MODE }: Environment,
    private readonly confirmations: RefreshConfirmations,
  ) {
    const pool = (dataSource.driver as PostgresDriver).master as Pool;
    this.principals = new PreparedQuery(
      pool,
      'live-principals',
      LIVE_PRINCIPALS.text,
      DATABASE_POOL_MODE === 'session',
    );
  }

  /**
   * Runs one query directly on TypeORM's connection pool, because every authenticated request needs it. A key of an
   * active account confirms its refresh if that is unconfirmed.
   *
   * @returns in the order of the keys; undefined if the account is gone, or the session has ended or belongs to another
   * account
   */
  async find(keys: readonly PrincipalKey[]): Promise<(LivePrincipal | undefined)[]> {
    const userIds = [...new Set(keys.map(({ userId }) => userId))];
    const sessionIds = keys.map(({ sessionId }) => sessionId);
    const rows = await this.principals.rows(LIVE_PRINCIPALS.values({ userIds, sessionIds }));
    const sessions = rows.find((row) => row.live);
    const live = new Map(sessions?.live?.split(',').map(liveSession));
    const unconfirmed = new Set(sessions?.unconfirmed?.split(','));
    const accounts = new Map(rows.map((row) => [row.id, row]));
    return keys.map(({ userId, sessionId, generation }) => {
      const row = accounts.get(userId);
      const authentication = row && live.get(`${userId} ${row.session_epoch} ${sessionId}`);
      if (!authentication) return undefined;
      if (generation !== undefined && row.is_active && unconfirmed.has(`${sessionId} ${generation}`)) {
        this.confirmations.confirm(sessionId, generation);
      }
      return { user: accountFromRow(row), ...authentication };
    });
  }
}

/** An entry of the list of live sessions, by `user epoch session`. */
function liveSession(entry: string): [key: string, Authentication] {
  const [userId, epoch, sessionId, aal, amr = '', time, age] = entry.split(' ');
  const authentication = {
    aal: aal === '2' ? 2 : 1,
    amr: amr.split('+'),
    authenticatedAt: new Date(Number(time) * 1000),
    authenticationAge: Number(age),
  } as const;
  return [`${userId} ${epoch} ${sessionId}`, authentication];
}
