import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Timestamp } from '../platform/database/timestamp.js';

/** An entry of the queue of events to seal. */
@Entity('audit_unsealed')
export class AuditUnsealed {
  @PrimaryColumn({ name: 'event_id', type: 'bigint', primaryKeyConstraintName: 'pk_audit_unsealed' })
  eventId: string;

  @Column({ name: 'occurred_at', type: 'timestamptz' })
  occurredAt: Timestamp;
}
