import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Timestamp } from '../database/timestamp.js';

/** A budget in use, counted over all processes. Unlogged: a crash of PostgreSQL forgets the counts. */
@Entity('rate_limits')
export class RateLimitCount {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'pk_rate_limits' })
  key: string;

  @Column({ type: 'integer' })
  points: number;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  @Index('ix_rate_limits_expires_at')
  expiresAt: Timestamp;

  /** The shares that each place of the budget belongs to, by the id of the place. */
  @Column({ type: 'jsonb', default: {} })
  places: Readonly<Record<string, readonly string[]>>;
}
