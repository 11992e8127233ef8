import { Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { Environment } from '../../platform/config/environment.js';
import { PreparedQuery } from '../../platform/database/prepared-query.js';
import { type AccountRow, accountFromRow } from '../../users/account-row.js';
import type { Account } from '../../users/user.entity.js';
import { LIVE_PRINCIPALS } from './sessions.sql.js';

/** What an access token stands for. */
export interface PrincipalKey {
  readonly userId: number;
  readonly sessionId: string;
}

/** Reads who may go on: accounts beside the sessions that their tokens belong to. */
@Injectable()
export class LivePrincipals {
  private readonly principals: PreparedQuery<AccountRow & { session_epoch: number; live: string | null }>;

  constructor(dataSource: DataSource, { DATABASE_POOL_MODE }: Environment) {
    const pool = (dataSource.driver as PostgresDriver).master as Pool;
    this.principals = new PreparedQuery(pool, 'live-principals', LIVE_PRINCIPALS, DATABASE_POOL_MODE === 'session');
  }

  /**
   * In one query that goes around TypeORM to its pool of connections: it runs for every authenticated request.
   *
   * @returns in the order of the keys; undefined where the account is gone, or the session over or of another account
   */
  async find(keys: readonly PrincipalKey[]): Promise<(Account | undefined)[]> {
    const rows = await this.principals.rows([
      [...new Set(keys.map(({ userId }) => userId))],
      keys.map(({ sessionId }) => sessionId),
    ]);
    const live = new Set(rows.find((row) => row.live)?.live?.split(','));
    const accounts = new Map(rows.map((row) => [row.id, row]));
    return keys.map(({ userId, sessionId }) => {
      const row = accounts.get(userId);
      return row && live.has(`${userId} ${row.session_epoch} ${sessionId}`) ? accountFromRow(row) : undefined;
    });
  }
}
