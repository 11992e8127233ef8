import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { positionOf } from '../../platform/pagination/cursor.js';
import { applyKeyset, type Keyset } from '../../platform/pagination/keyset.js';
import { type Page, type PageOrder, toPage } from '../../platform/pagination/page.js';
import { Session } from './session.entity.js';
import { IN_CURRENT_EPOCH, LIVE } from './sessions.sql.js';

/** Newest first. An account has few live sessions, so they are found by its id and sorted. */
export const SESSIONS = {
  list: 'sessions',
  time: 'sessions.createdAt',
  id: 'sessions.id',
  idType: 'uuid',
} as const satisfies Keyset;

/** Lists the live sessions of an account. */
@Injectable()
export class SessionList {
  constructor(@InjectRepository(Session) private readonly sessions: Repository<Session>) {}

  /** @param page a page of `PageQuery(SESSIONS)` */
  async listFor(userId: number, page: PageOrder): Promise<Page<Session>> {
    const live = this.sessions
      .createQueryBuilder('sessions')
      .innerJoin('sessions.user', 'users', IN_CURRENT_EPOCH)
      .where({ userId })
      .andWhere(LIVE);
    const rows = await applyKeyset(live.clone(), SESSIONS, page).getMany();
    return toPage(
      page,
      rows,
      ({ createdAt, id }) => positionOf(createdAt, id),
      async () => live.getCount(),
    );
  }
}
