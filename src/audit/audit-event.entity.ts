import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Timestamp } from '../platform/database/timestamp.js';
import type { AuditAction, AuditOutcome } from './audit-actions.js';
import type { EventData } from './event-fields.js';

/**
 * An event of the audit log. Rows are never changed, and only whole months are deleted. The account ids have no foreign
 * keys, because an event outlives its account. Partitioned by month.
 */
@Entity('audit_events')
@Index('ix_audit_events_subject', ['subjectId', 'occurredAt', 'id'])
export class AuditEvent {
  @PrimaryColumn({
    type: 'bigint',
    default: () => "nextval('audit_event_ids')",
    primaryKeyConstraintName: 'pk_audit_events',
  })
  id: string;

  @PrimaryColumn({
    name: 'occurred_at',
    type: 'timestamptz',
    default: () => 'clock_timestamp()',
    primaryKeyConstraintName: 'pk_audit_events',
  })
  occurredAt: Timestamp;

  @Column({ type: 'varchar', length: 64 })
  action: AuditAction;

  @Column({ type: 'varchar', length: 16 })
  outcome: AuditOutcome;

  /** The account that acted; null if it is unknown or the service itself acted. */
  @Column({ name: 'actor_id', type: 'integer', nullable: true })
  actorId: number | null;

  /** The account that the event is about; null if there is none. */
  @Column({ name: 'subject_id', type: 'integer', nullable: true })
  subjectId: number | null;

  @Column({ name: 'session_id', type: 'uuid', nullable: true })
  sessionId: string | null;

  @Column({ name: 'request_id', type: 'varchar', length: 64, nullable: true })
  requestId: string | null;

  @Column({ type: 'jsonb' })
  data: EventData;

  /** Salted SHA-256 of the row in `audit_details`; null for an event without details. */
  @Column({ name: 'details_digest', type: 'bytea', nullable: true })
  detailsDigest: Buffer | null;
}
