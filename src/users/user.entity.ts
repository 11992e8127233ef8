import { Column, Entity, Index, PrimaryGeneratedColumn, type ValueTransformer } from 'typeorm';
import type { Timestamp } from '../platform/database/timestamp.js';

/** The Python service may still write NULL flags, and treats them as false. */
const nullIsFalse: ValueTransformer = {
  from: (value: boolean | null) => value ?? false,
  to: (value: boolean) => value,
};

/**
 * An account. The table is the one that the Python service left behind, column for column, so that both services can
 * work on it. Names and addresses are unique without regard to case through indexes on expressions (see `foldedSql`),
 * which TypeORM cannot describe and therefore leaves alone; those named `folded` serve processes of the previous
 * release.
 */
@Entity('users')
@Index('uq_users_username_folded', { synchronize: false })
@Index('uq_users_email_folded', { synchronize: false })
@Index('uq_users_username_caseless', { synchronize: false })
@Index('uq_users_email_caseless', { synchronize: false })
export class User {
  @PrimaryGeneratedColumn()
  @Index('ix_users_id')
  id: number;

  @Column({ type: 'varchar', length: 50 })
  @Index('ix_users_username', { unique: true })
  username: string;

  @Column({ type: 'varchar', length: 100, nullable: true })
  @Index('ix_users_email', { unique: true })
  email: string | null;

  /** bcrypt, `$2a$`, `$2b$` or `$2y$`. */
  @Column({ name: 'hashed_password', type: 'varchar', length: 255 })
  passwordHash: string;

  @Column({ name: 'is_active', type: 'boolean', nullable: true, default: true, transformer: nullIsFalse })
  isActive: boolean;

  @Column({ name: 'is_superuser', type: 'boolean', nullable: true, default: false, transformer: nullIsFalse })
  isSuperuser: boolean;

  @Column({ name: 'created_at', type: 'timestamptz', nullable: true, default: () => 'now()' })
  createdAt: Timestamp;

  @Column({ name: 'updated_at', type: 'timestamptz', nullable: true })
  updatedAt: Timestamp | null;

  /** How the person wants to be called; neither unique nor for signing in. */
  @Column({ name: 'display_name', type: 'varchar', length: 100, nullable: true })
  displayName: string | null;

  /** When somebody has shown that they read what is sent to `email`; null while nobody has. */
  @Column({ name: 'email_verified_at', type: 'timestamptz', nullable: true })
  emailVerifiedAt: Timestamp | null;

  /** Registered under EMAIL_VERIFICATION=required: not for accounts from before, or from the Python service. */
  @Column({ name: 'must_verify_email', type: 'boolean', default: false })
  mustVerifyEmail: boolean;

  /**
   * The number of changes of `is_active`, counted by a trigger for every writer. Sessions of an earlier epoch have
   * ended.
   */
  @Column({ name: 'session_epoch', type: 'integer', default: 0, insert: false, update: false })
  sessionEpoch: number;
}

/** An account without what only a sign-in may read. */
export type Account = Omit<
  User,
  'passwordHash' | 'updatedAt' | 'displayName' | 'emailVerifiedAt' | 'mustVerifyEmail' | 'sessionEpoch'
>;
