import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Timestamp } from '../../platform/database/timestamp.js';
import { positionOf } from '../../platform/pagination/cursor.js';
import { type Keyset, keysetSql } from '../../platform/pagination/keyset.js';
import { type Page, type PageOrder, toPage } from '../../platform/pagination/page.js';
import { COUNT_LISTED, LISTED } from './sessions.sql.js';

/** Newest first. An account has few live sessions: they are found by its id and sorted. */
export const SESSIONS = { list: 'sessions', time: 'created_at', id: 'id', idType: 'uuid' } as const satisfies Keyset;

/** A row of the list. */
export interface ListedSession {
  id: string;
  device_label: string;
  user_agent: string | null;
  address: string;
  created_at: Timestamp;
  last_used_at: Timestamp;
  /** The earlier of the idle and the absolute end. */
  ends_at: Timestamp;
}

/** The live sessions of an account. */
@Injectable()
export class SessionList {
  constructor(private readonly dataSource: DataSource) {}

  /** @param page of a `PageQuery(SESSIONS)` */
  async listFor(userId: number, page: PageOrder): Promise<Page<ListedSession>> {
    const { where, tail, values } = keysetSql(SESSIONS, page, [userId]);
    const rows = await this.dataSource.query<ListedSession[]>(`${LISTED} AND ${where} ${tail}`, values);
    return toPage(
      page,
      rows,
      ({ created_at, id }) => positionOf(created_at, id),
      async () => this.count(userId),
    );
  }

  private async count(userId: number): Promise<number> {
    const [row] = await this.dataSource.query<{ sessions: number }[]>(COUNT_LISTED, [userId]);
    return row?.sessions ?? 0;
  }
}
