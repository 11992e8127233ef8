import { Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { permissionsOf } from '../../access/permissions.js';
import type { SessionPrincipal } from '../../access/principal.js';
import { PlatformSettings } from '../../platform/config/platform-settings.js';
import { PreparedQuery } from '../../platform/database/prepared-query.js';
import { accountFromRow, type AccountRow } from '../../users/account-row.js';
import type { Account } from '../../users/user.entity.js';
import { RefreshConfirmations } from './refresh-confirmations.js';
import type { Session } from './session.entity.js';
import { FIND_PRINCIPALS } from './sessions.sql.js';

/** The user and the session of an access token. */
export interface PrincipalKey {
  readonly userId: number;
  readonly sessionId: string;
  /** Number of the refresh that issued the token, if known. */
  readonly generation?: number | undefined;
}

interface PrincipalRow extends AccountRow {
  session_epoch: number;
  live: LiveSession[] | null;
}

/** A live session, as FIND_PRINCIPALS lists its columns. */
type LiveSession = [
  id: string,
  userId: number,
  epoch: number,
  aal: Session['aal'],
  amr: string[],
  /** In seconds since 1970. */
  authenticatedAt: number,
  authenticationAge: number,
  unconfirmedGeneration: number | null,
];

/** Reads the principals of access tokens. */
@Injectable()
export class PrincipalReader {
  private readonly principals: PreparedQuery<PrincipalRow>;

  constructor(
    dataSource: DataSource,
    { DATABASE_POOL_MODE }: PlatformSettings,
    private readonly confirmations: RefreshConfirmations,
  ) {
    const pool = (dataSource.driver as PostgresDriver).master as Pool;
    this.principals = new PreparedQuery(
      pool,
      'live-principals',
      FIND_PRINCIPALS.text,
      DATABASE_POOL_MODE === 'session',
    );
  }

  /**
   * Runs one query directly on TypeORM's connection pool, because every authenticated request needs it. An access token of
   * an unconfirmed refresh confirms that refresh.
   *
   * @returns principals in the order of the keys; undefined if the account is disabled or deleted, or the session has
   * ended or belongs to another account
   */
  async findAll(keys: readonly PrincipalKey[]): Promise<(SessionPrincipal<Account> | undefined)[]> {
    const userIds = [...new Set(keys.map(({ userId }) => userId))];
    const sessionIds = keys.map(({ sessionId }) => sessionId);
    const rows = await this.principals.rows(FIND_PRINCIPALS.values({ userIds, sessionIds }));
    const accounts = new Map(rows.map((row) => [row.id, row]));
    const sessions = new Map(rows.find(({ live }) => live)?.live?.map((session) => [session[0], session]));
    return keys.map(({ userId, sessionId, generation }) => {
      const account = accounts.get(userId);
      const session = sessions.get(sessionId);
      if (!account || !session || !belongsTo(account, session)) return undefined;
      if (generation !== undefined && generation === session[7]) this.confirmations.confirm(sessionId, generation);
      return principalFrom(account, session);
    });
  }
}

/** Whether the account is active and has been since this session was opened. */
function belongsTo(account: PrincipalRow, [, userId, epoch]: LiveSession): boolean {
  return account.is_active === true && account.id === userId && account.session_epoch === epoch;
}

function principalFrom(
  row: PrincipalRow,
  [sessionId, , , aal, amr, authenticatedAt, authenticationAge]: LiveSession,
): SessionPrincipal<Account> {
  const user = accountFromRow(row);
  return {
    kind: 'session',
    user,
    permissions: permissionsOf(user),
    sessionId,
    aal,
    amr,
    authenticatedAt: new Date(authenticatedAt * 1000),
    authenticationAge,
  };
}
