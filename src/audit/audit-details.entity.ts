import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Timestamp } from '../platform/database/timestamp.js';

/** The personal data of an event, erased with the account. Partitioned by month, like the events. */
@Entity('audit_details')
export class AuditDetails {
  @PrimaryColumn({ name: 'event_id', type: 'bigint', primaryKeyConstraintName: 'pk_audit_details' })
  eventId: string;

  @PrimaryColumn({ name: 'occurred_at', type: 'timestamptz', primaryKeyConstraintName: 'pk_audit_details' })
  occurredAt: Timestamp;

  @Column({ name: 'actor_id', type: 'integer', nullable: true })
  @Index('ix_audit_details_actor')
  actorId: number | null;

  @Column({ name: 'subject_id', type: 'integer', nullable: true })
  @Index('ix_audit_details_subject')
  subjectId: number | null;

  @Column({ type: 'varchar', length: 64, nullable: true })
  address: string | null;

  @Column({ name: 'user_agent', type: 'varchar', length: 512, nullable: true })
  userAgent: string | null;

  @Column({ type: 'jsonb', nullable: true })
  personal: Readonly<Record<string, string | null>> | null;

  /** Prevents guessing erased details from the digest in the event. */
  @Column({ type: 'bytea' })
  salt: Buffer;
}
