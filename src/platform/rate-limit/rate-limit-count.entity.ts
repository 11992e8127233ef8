import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Timestamp } from '../database/timestamp.js';

/** The count of a budget over all processes. The table is unlogged, so a crash of PostgreSQL loses the counts. */
@Entity('rate_limits')
export class RateLimitCount {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'pk_rate_limits' })
  key: string;

  @Column({ type: 'integer' })
  points: number;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  @Index('ix_rate_limits_expires_at')
  expiresAt: Timestamp;

  /** The shares that each slot of the budget counts toward, by the id of the slot. */
  @Column({ type: 'jsonb', default: {} })
  places: Readonly<Record<string, readonly string[]>>;
}
