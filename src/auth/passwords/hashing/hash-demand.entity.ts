import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Timestamp } from '../../../platform/database/timestamp.js';
import type { ReportedDemand } from './recent-demand.js';

/** The recent demand for password hashes that one process has seen, for the others to read. Unlogged. */
@Entity('hash_demands')
export class HashDemand {
  /** UUID, version 4, of the process. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_hash_demands' })
  process: string;

  @Column({ type: 'jsonb' })
  demands: readonly ReportedDemand[];

  @Column({ name: 'told_at', type: 'timestamptz', default: () => 'now()' })
  toldAt: Timestamp;
}
