import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { momentSql } from '../audit/audit-event.sql.js';
import { type AuditItem, AuditReader } from '../audit/audit-reader.js';
import { Jobs } from '../jobs/jobs.js';
import { type Position, positionOf } from '../platform/pagination/cursor.js';
import { keysetSql } from '../platform/pagination/keyset.js';
import type { Page, PageOrder } from '../platform/pagination/page.js';
import { SESSIONS } from '../auth/sessions/session-list.js';
import { ActivityResponse } from './activity-response.dto.js';
import type { AccountExport, ExportedJob, ExportedLink, ExportedSession } from './account-export.dto.js';

/** Rows that are read at a time. */
const PAGE = 500;

const NETWORKS = `
  (SELECT coalesce(json_agg(json_build_object('network', network, 'left_at', ${momentSql('left_at')}) ORDER BY network), '[]')
     FROM session_networks WHERE session_id = sessions.id)`;

/** Sessions of a disabled account are over by its `session_epoch` alone, whoever disabled it and whenever that was. */
const END_REASON = `
  CASE WHEN ended_at IS NULL AND session_epoch <> (SELECT users.session_epoch FROM users WHERE users.id = sessions.user_id)
       THEN 'account_disabled' ELSE end_reason END`;

type Pages<Item> = AsyncGenerator<readonly Item[]>;
type Sections = {
  [Name in Exclude<keyof AccountExport, 'exported_at' | 'account'>]: Pages<AccountExport[Name][number]>;
};

/**
 * The lists of an export, each read a page at a time. Every table with a column that names an account is in it: a test
 * compares them with the database's catalogue.
 */
@Injectable()
export class ExportSections {
  constructor(
    private readonly dataSource: DataSource,
    private readonly jobs: Jobs,
    private readonly audit: AuditReader,
  ) {}

  of(userId: number): Sections {
    return {
      sessions: this.sessions(userId),
      links: this.links(userId),
      queued: this.queued(userId),
      activity: this.activity(userId),
    };
  }

  private async *sessions(userId: number): Pages<ExportedSession> {
    for (let after: Position | null = null; ;) {
      const { where, tail, values } = keysetSql(SESSIONS, orderAfter(after), [userId]);
      const rows: ExportedSession[] = await this.dataSource.query(
        `SELECT id, device_label AS device, user_agent, address, created_at, last_used_at, generation AS refreshes,
                least(idle_expires_at, expires_at) AS expires_at, ended_at, ${END_REASON} AS end_reason,
                ${NETWORKS} AS networks
           FROM sessions WHERE user_id = $1 AND ${where} ${tail}`,
        values,
      );
      // One more than a page, where there is another.
      const page = rows.slice(0, PAGE);
      yield page;
      const last = page.at(-1);
      if (rows.length <= PAGE || !last) return;
      after = positionOf(last.created_at, last.id);
    }
  }

  /** A few rows at most: a link is sent again while half of its life remains. */
  private async *links(userId: number): Pages<ExportedLink> {
    yield this.dataSource.query<ExportedLink[]>(
      'SELECT purpose, email, account_email, created_at, expires_at FROM one_time_tokens WHERE user_id = $1 ORDER BY created_at, id',
      [userId],
    );
  }

  private async *queued(userId: number): Pages<ExportedJob> {
    const jobs = await this.jobs.listFor(this.dataSource.manager, userId);
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
  return { list: 'export', limit: PAGE, skip: 0, after, includeTotal: false };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
