import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { type AuditItem, AuditReader } from '../audit/audit-reader.js';
import { OneTimeToken } from '../auth/links/one-time-token.entity.js';
import { SESSIONS } from '../auth/sessions/session-list.js';
import { SessionNetwork } from '../auth/sessions/session-network.entity.js';
import { Session } from '../auth/sessions/session.entity.js';
import { JobQueue } from '../jobs/job-queue.js';
import { type Position, positionOf } from '../platform/pagination/cursor.js';
import { applyKeyset } from '../platform/pagination/keyset.js';
import type { Page, PageOrder } from '../platform/pagination/page.js';
import { type AccountExport, type ExportedJob, ExportedLink, ExportedSession } from './account-export.dto.js';
import { ActivityResponse } from './activity-response.dto.js';

/** Number of rows that are read at a time. */
const PAGE_SIZE = 500;

type Pages<Item> = AsyncGenerator<readonly Item[]>;
type Sections = {
  [Name in Exclude<keyof AccountExport, 'exported_at' | 'account'>]: Pages<AccountExport[Name][number]>;
};

/**
 * The lists of an export, each read page by page. They cover every table that refers to an account; a test compares
 * them with the database's catalog.
 */
@Injectable()
export class ExportSections {
  constructor(
    private readonly dataSource: DataSource,
    private readonly jobQueue: JobQueue,
    private readonly audit: AuditReader,
  ) {}

  readAll(userId: number): Sections {
    return {
      sessions: this.sessions(userId),
      links: this.links(userId),
      queued: this.jobs(userId),
      activity: this.activity(userId),
    };
  }

  private async *sessions(userId: number): Pages<ExportedSession> {
    for (let after: Position | null = null; ;) {
      const query = this.dataSource.manager
        .createQueryBuilder(Session, 'sessions')
        .innerJoinAndSelect('sessions.user', 'users')
        .where({ userId });
      const rows = await applyKeyset(query, SESSIONS, orderAfter(after)).getMany();
      // The query returns one extra row if there is another page.
      const page = rows.slice(0, PAGE_SIZE);
      const networks = await this.findNetworks(page);
      yield page.map((session) => ExportedSession.from(session, networks.get(session.id) ?? []));
      const last = page.at(-1);
      if (rows.length <= PAGE_SIZE || !last) return;
      after = positionOf(last.createdAt, last.id);
    }
  }

  private async findNetworks(sessions: readonly Session[]): Promise<Map<string, SessionNetwork[]>> {
    const networks = await this.dataSource.manager.find(SessionNetwork, {
      where: { sessionId: In(sessions.map(({ id }) => id)) },
      order: { network: 'ASC' },
    });
    const bySession = new Map<string, SessionNetwork[]>();
    for (const each of networks) bySession.set(each.sessionId, [...(bySession.get(each.sessionId) ?? []), each]);
    return bySession;
  }

  /** A few rows at most, because a repeated request reuses the link while half of its lifetime remains. */
  private async *links(userId: number): Pages<ExportedLink> {
    const links = await this.dataSource.manager.find(OneTimeToken, {
      where: { userId },
      order: { createdAt: 'ASC', id: 'ASC' },
    });
    yield links.map((link) => ExportedLink.from(link));
  }

  private async *jobs(userId: number): Pages<ExportedJob> {
    const jobs = await this.jobQueue.findFor(this.dataSource.manager, userId);
    yield jobs.map(({ name, payload, createdAt }) => ({
      job: name,
      template: textOrNull(payload.template),
      language: textOrNull(payload.language),
      created_at: createdAt,
    }));
  }

  private async *activity(userId: number): Pages<ActivityResponse> {
    for (let after: Position | null = null; ;) {
      const { items, nextCursor }: Page<AuditItem> = await this.audit.listFor(userId, orderAfter(after));
      yield items.map((item) => ActivityResponse.from(item));
      const last = items.at(-1);
      if (nextCursor === null || !last) return;
      after = positionOf(last.occurredAt, last.id);
    }
  }
}

function orderAfter(after: Position | null): PageOrder {
  return { list: 'export', limit: PAGE_SIZE, skip: 0, after, includeTotal: false };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
