import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Timestamp } from '../platform/database/timestamp.js';

/**
 * The recipient of the last message about an account. It is stored here because the account no longer exists when the
 * message is sent, and a job's payload contains no personal data. Rows are deleted in less than 24 hours.
 */
@Entity('deletion_notices')
export class DeletionNotice {
  /** UUIDv4 that the job's payload refers to. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_deletion_notices' })
  id: string;

  @Column({ type: 'varchar', length: 50 })
  username: string;

  @Column({ type: 'varchar', length: 100 })
  email: string;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt: Timestamp;
}
