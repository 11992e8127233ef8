import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Timestamp } from '../platform/database/timestamp.js';
import { type Position, positionOf } from '../platform/pagination/cursor.js';
import { applyKeyset } from '../platform/pagination/keyset.js';
import { type Page, type PageOrder, toPage } from '../platform/pagination/page.js';
import type { AuditAction, AuditOutcome } from './audit-actions.js';
import { AuditDetails } from './audit-details.entity.js';
import { AuditEvent } from './audit-event.entity.js';
import type { EventData } from './event-fields.js';

/** An event as the owner of the account sees it. */
export interface AuditItem {
  /** A bigint in decimal notation. */
  id: string;
  occurredAt: Timestamp;
  action: AuditAction;
  outcome: AuditOutcome;
  /** Null if unknown or erased. */
  address: string | null;
  userAgent: string | null;
  sessionId: string | null;
  data: EventData;
  /** Names and addresses; null if the event has none or they were erased. */
  personal: Readonly<Record<string, string | null>> | null;
}

/** The key of the activity list, newest first. */
export const ACTIVITY = { list: 'activity', time: 'event.occurredAt', id: 'event.id', idType: 'bigint' } as const;

/** Lists the events of an account for its owner. */
@Injectable()
export class AuditReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Returns a page of events. It is read by the index, regardless of the number of events and months. */
  async listFor(userId: number, order: PageOrder): Promise<Page<AuditItem>> {
    const events = this.dataSource.getRepository(AuditEvent);
    const query = events
      .createQueryBuilder('event')
      .leftJoin(AuditDetails, 'details', 'details.eventId = event.id AND details.occurredAt = event.occurredAt')
      .select(['event.id AS id', 'event.occurredAt AS "occurredAt"', 'event.action AS action'])
      .addSelect(['event.outcome AS outcome', 'event.sessionId AS "sessionId"', 'event.data AS data'])
      .addSelect(['details.address AS address', 'details.userAgent AS "userAgent"', 'details.personal AS personal'])
      .where({ subjectId: userId });
    const rows = await applyKeyset(query, ACTIVITY, order).getRawMany<AuditItem>();
    const toPosition = ({ occurredAt, id }: AuditItem): Position => positionOf(occurredAt, id);
    return toPage(order, rows, toPosition, async () => events.countBy({ subjectId: userId }));
  }
}
