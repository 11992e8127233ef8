import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { Timestamp } from '../../platform/database/timestamp.js';
import { User } from '../../users/user.entity.js';

/** Why a session was ended; also a label of a metric. Expired sessions have no reason. */
export const SESSION_END_REASONS = [
  'logout',
  'revoked',
  'password_changed',
  'password_reset',
  'reuse',
  'evicted',
  'replaced',
] as const;

export type SessionEndReason = (typeof SESSION_END_REASONS)[number];

/**
 * A sign-in and the lineage of its refresh tokens, of which the hashes of the last two are stored. A refresh writes no
 * indexed column, so it updates no index.
 */
@Entity('sessions')
@Index('ix_sessions_user_id_device_label', ['userId', 'deviceLabel'])
@Index('ix_sessions_user_id_live', ['userId'], { where: '(ended_at IS NULL)' })
export class Session {
  /** UUID of version 7; the `sid` claim of its access tokens. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_sessions' })
  id: string;

  @Column({ name: 'user_id', type: 'integer' })
  userId: number;

  @ManyToOne(() => User, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'fk_sessions_user_id' })
  user?: User;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt: Timestamp;

  /** Time of the sign-in or the last refresh. Other requests do not update it. */
  @Column({ name: 'last_used_at', type: 'timestamptz', default: () => 'now()' })
  lastUsedAt: Timestamp;

  /** SESSION_IDLE_DAYS after `lastUsedAt`. */
  @Column({ name: 'idle_expires_at', type: 'timestamptz' })
  idleExpiresAt: Timestamp;

  /** SESSION_MAX_DAYS after the sign-in. */
  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt: Timestamp;

  @Column({ name: 'ended_at', type: 'timestamptz', nullable: true })
  endedAt: Timestamp | null;

  /** `restored`: ended by deploy/restore.sh. */
  @Column({ name: 'end_reason', type: 'varchar', length: 32, nullable: true })
  endReason: SessionEndReason | 'restored' | null;

  /** A name for the owner, such as `Firefox on Linux`. */
  @Column({ name: 'device_label', type: 'varchar', length: 100 })
  deviceLabel: string;

  @Column({ name: 'user_agent', type: 'varchar', length: 512, nullable: true })
  userAgent: string | null;

  /** Client address of the sign-in or the last refresh. */
  @Column({ type: 'varchar', length: 64 })
  address: string;

  /** SHA-256 of the current refresh token. */
  @Column({ name: 'token_hash', type: 'bytea' })
  tokenHash: Buffer;

  /** SHA-256 of the previous refresh token; null before the first refresh. */
  @Column({ name: 'previous_token_hash', type: 'bytea', nullable: true })
  previousTokenHash: Buffer | null;

  @Column({ name: 'rotated_at', type: 'timestamptz', nullable: true })
  rotatedAt: Timestamp | null;

  /** Number of refreshes; the generation of the current token. */
  @Column({ type: 'integer', default: 0 })
  generation: number;

  /** Last generation whose tokens are known to have reached the client. */
  @Column({ name: 'confirmed_generation', type: 'integer', default: 0 })
  confirmedGeneration: number;

  @Column({ name: 'confirmed_at', type: 'timestamptz', nullable: true })
  confirmedAt: Timestamp | null;

  /** When the previous generation was confirmed. */
  @Column({ name: 'previous_confirmed_at', type: 'timestamptz', nullable: true })
  previousConfirmedAt: Timestamp | null;

  /** Authenticator assurance level (NIST SP 800-63B): 2 after two different kinds of factor. */
  @Column({ type: 'smallint', default: 1 })
  aal: 1 | 2;

  /** Authentication methods (RFC 8176). */
  @Column({ type: 'text', array: true, default: () => "'{pwd}'" })
  amr: string[];

  /** Time of the sign-in or the last reauthentication. A refresh does not update it. */
  @Column({ name: 'authenticated_at', type: 'timestamptz', default: () => 'now()' })
  authenticatedAt: Timestamp;

  /** `session_epoch` of the account at sign-in, set by a trigger. */
  @Column({ name: 'session_epoch', type: 'integer', insert: false, update: false })
  sessionEpoch: number;

  /** When the session expires unless it is refreshed. */
  get endsAt(): Timestamp {
    return this.idleExpiresAt < this.expiresAt ? this.idleExpiresAt : this.expiresAt;
  }
}
