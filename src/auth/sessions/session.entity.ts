import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { Timestamp } from '../../platform/database/timestamp.js';
import { User } from '../../users/user.entity.js';

/** Why a session is over; also the label of a metric. An expired one has no reason: nobody ended it. */
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
 * A sign-in and all that follows from it: the lineage of its refresh tokens, of which the hashes of the last two are
 * kept. No column that a refresh writes is indexed, so that a refresh touches no index.
 */
@Entity('sessions')
@Index('ix_sessions_user_id_device_label', ['userId', 'deviceLabel'])
@Index('ix_sessions_user_id_live', ['userId'], { where: '(ended_at IS NULL)' })
export class Session {
  /** UUID, version 7; the claim `sid` of its access tokens. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_sessions' })
  id: string;

  @Column({ name: 'user_id', type: 'integer' })
  userId: number;

  @ManyToOne(() => User, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'fk_sessions_user_id' })
  user?: User;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt: Timestamp;

  /** Of the sign-in or the last refresh: requests do not write. */
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

  /** As people know it: `Firefox on Linux`. */
  @Column({ name: 'device_label', type: 'varchar', length: 100 })
  deviceLabel: string;

  @Column({ name: 'user_agent', type: 'varchar', length: 512, nullable: true })
  userAgent: string | null;

  /** Of the sign-in or the last refresh. */
  @Column({ type: 'varchar', length: 64 })
  address: string;

  /** SHA-256 of the refresh token that is good now. */
  @Column({ name: 'token_hash', type: 'bytea' })
  tokenHash: Buffer;

  /** SHA-256 of the one before; null before the first refresh. */
  @Column({ name: 'previous_token_hash', type: 'bytea', nullable: true })
  previousTokenHash: Buffer | null;

  @Column({ name: 'rotated_at', type: 'timestamptz', nullable: true })
  rotatedAt: Timestamp | null;

  /** How many refreshes there were: the number of the good token in its lineage. */
  @Column({ type: 'integer', default: 0 })
  generation: number;

  /** The last generation whose tokens are known to have reached the client. */
  @Column({ name: 'confirmed_generation', type: 'integer', default: 0 })
  confirmedGeneration: number;

  @Column({ name: 'confirmed_at', type: 'timestamptz', nullable: true })
  confirmedAt: Timestamp | null;

  /** When the generation before this one was confirmed. */
  @Column({ name: 'previous_confirmed_at', type: 'timestamptz', nullable: true })
  previousConfirmedAt: Timestamp | null;

  /** Authenticator assurance level: 2 after proofs of two different kinds of factor (NIST SP 800-63B). */
  @Column({ type: 'smallint', default: 1 })
  aal: 1 | 2;

  /** The authentication methods that were used (RFC 8176). */
  @Column({ type: 'text', array: true, default: () => "'{pwd}'" })
  amr: string[];

  /** When the user last proved who they are: at the sign-in or a reauthentication. A refresh does not renew it. */
  @Column({ name: 'authenticated_at', type: 'timestamptz', default: () => 'now()' })
  authenticatedAt: Timestamp;

  /** `session_epoch` of the account at the sign-in. A trigger fills it in. */
  @Column({ name: 'session_epoch', type: 'integer', insert: false, update: false })
  sessionEpoch: number;

  /** When it expires, unless it is refreshed. */
  get endsAt(): Timestamp {
    return this.idleExpiresAt < this.expiresAt ? this.idleExpiresAt : this.expiresAt;
  }
}
