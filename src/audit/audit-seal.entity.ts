import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Timestamp } from '../platform/database/timestamp.js';

/** A link of the hash chain: up to 1,000 events of one month. Rows are never changed. */
@Entity('audit_seals')
@Index('ix_audit_seals_month', ['month', 'seq'])
export class AuditSeal {
  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: 'pk_audit_seals' })
  seq: string;

  /** First day of the month of its events: `2026-11-01`. */
  @Column({ type: 'date' })
  month: string;

  /** Number of events. */
  @Column({ type: 'integer' })
  events: number;

  @Column({ name: 'event_ids', type: 'bigint', array: true })
  eventIds: string[];

  /** SHA-256 of each event, concatenated in the order of the ids. */
  @Column({ type: 'bytea' })
  digests: Buffer;

  @Column({ name: 'previous_hash', type: 'bytea' })
  previousHash: Buffer;

  @Column({ type: 'bytea' })
  hash: Buffer;

  @Column({ name: 'sealed_at', type: 'timestamptz' })
  sealedAt: Timestamp;
}
