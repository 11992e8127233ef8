import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Timestamp } from '../platform/database/timestamp.js';
import { type Position, positionOf } from '../platform/pagination/cursor.js';
import { keysetSql } from '../platform/pagination/keyset.js';
import { type Page, type PageOrder, toPage } from '../platform/pagination/page.js';
import type { AuditAction, AuditOutcome } from './actions.js';
import type { EventData } from './event-fields.js';

/** An event as the one it happened to may see it. */
export interface AuditItem {
  /** A bigint in decimals. */
  id: string;
  occurredAt: Timestamp;
  action: AuditAction;
  outcome: AuditOutcome;
  /** Null where it is not known, or was erased. */
  address: string | null;
  userAgent: string | null;
  sessionId: string | null;
  data: EventData;
  /** Names and addresses of it; null where there were none, or they were erased. */
  personal: Readonly<Record<string, string | null>> | null;
}

/** The list as its cursors name it. */
export const ACTIVITY = { list: 'activity', time: 'occurred_at', id: 'id', idType: 'bigint' } as const;

/** What happened to an account, for who it belongs to. */
@Injectable()
export class AuditReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first; by the index, whatever the number of events and months. */
  async listFor(userId: number, order: PageOrder): Promise<Page<AuditItem>> {
    const { where, tail, values } = keysetSql(ACTIVITY, order, [userId]);
    const rows = await this.dataSource.query<AuditItem[]>(
      `SELECT event.id, event.occurred_at AS "occurredAt", event.action, event.outcome, details.address,
              details.user_agent AS "userAgent", event.session_id AS "sessionId", event.data, details.personal
         FROM (SELECT id, occurred_at, action, outcome, session_id, data FROM audit_events
                WHERE subject_id = $1 AND ${where} ${tail}) AS event
         LEFT JOIN audit_details details ON details.event_id = event.id AND details.occurred_at = event.occurred_at
        ORDER BY event.occurred_at DESC, event.id DESC`,
      values,
    );
    const place = ({ occurredAt, id }: AuditItem): Position => positionOf(occurredAt, id);
    return toPage(order, rows, place, async () => this.count(userId));
  }

  private async count(userId: number): Promise<number> {
    const [{ events = 0 } = {}] = await this.dataSource.query<{ events?: number }[]>(
      'SELECT count(*)::int AS events FROM audit_events WHERE subject_id = $1',
      [userId],
    );
    return events;
  }
}
