import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Timestamp } from '../platform/database/timestamp.js';

/** The start of the hash chain after months were dropped. The database function that drops them writes it. */
@Entity('audit_checkpoints')
export class AuditCheckpoint {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'pk_audit_checkpoints',
  })
  id: string;

  @Column({ name: 'made_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  madeAt: Timestamp;

  @Column({ name: 'dropped_before', type: 'date' })
  droppedBefore: string;

  @Column({ name: 'dropped_events', type: 'bigint' })
  droppedEvents: string;

  /** The last dropped seal, which the first remaining seal follows. */
  @Column({ name: 'last_seq', type: 'bigint' })
  lastSeq: string;

  @Column({ name: 'last_hash', type: 'bytea' })
  lastHash: Buffer;
}
