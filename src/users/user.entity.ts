import { Column, Entity, Index, PrimaryGeneratedColumn, type ValueTransformer } from 'typeorm';
import type { Timestamp } from '../platform/database/timestamp.js';

/** The Python service may write NULL flags, and treats them as false. */
const nullIsFalse: ValueTransformer = {
  from: (value: boolean | null) => value ?? false,
  to: (value: boolean) => value,
};

/**
 * An account. The table has all columns of the Python service, so that both services can use it. Usernames and
 * addresses are unique regardless of case through expression indexes (see `foldedSql`), which TypeORM cannot describe
 * and must not synchronize. The indexes named `folded` serve processes of the previous release.
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

  /** The name to show; neither unique nor usable to sign in. */
  @Column({ name: 'display_name', type: 'varchar', length: 100, nullable: true })
  displayName: string | null;

  /** Time when `email` was verified; null if it is not verified. */
  @Column({ name: 'email_verified_at', type: 'timestamptz', nullable: true })
  emailVerifiedAt: Timestamp | null;

  /** True for accounts registered with EMAIL_VERIFICATION=required, never for those of the Python service. */
  @Column({ name: 'must_verify_email', type: 'boolean', default: false })
  mustVerifyEmail: boolean;

  /**
   * The number of changes of `is_active`, counted by a trigger, whichever service writes. Sessions of an earlier epoch
   * have ended.
   */
  @Column({ name: 'session_epoch', type: 'integer', default: 0, insert: false, update: false })
  sessionEpoch: number;
}

/** An account without the fields that only sign-in and profile need. */
export type Account = Omit<
  User,
  'passwordHash' | 'updatedAt' | 'displayName' | 'emailVerifiedAt' | 'mustVerifyEmail' | 'sessionEpoch'
>;
