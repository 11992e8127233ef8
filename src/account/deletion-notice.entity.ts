import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Timestamp } from '../platform/database/timestamp.js';

/**
 * The recipient of the last message to an account. The row of the account is gone when the message is sent, and a job's
 * payload holds no personal data. Rows are deleted in less than 24 hours.
 */
@Entity('deletion_notices')
export class DeletionNotice {
  /** UUID, version 4, which the job's payload refers to. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_deletion_notices' })
  id: string;

  @Column({ type: 'varchar', length: 50 })
  username: string;

  @Column({ type: 'varchar', length: 100 })
  email: string;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt: Timestamp;
}
