import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Timestamp } from '../../../platform/database/timestamp.js';
import type { ReportedDemand } from './recent-demand.js';

/** The recent hash demand that one process reports to the others. The table is unlogged. */
@Entity('hash_demands')
export class HashDemand {
  /** Random UUID of the process. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_hash_demands' })
  process: string;

  @Column({ type: 'jsonb' })
  demands: readonly ReportedDemand[];

  @Column({ name: 'told_at', type: 'timestamptz', default: () => 'now()' })
  reportedAt: Timestamp;
}
