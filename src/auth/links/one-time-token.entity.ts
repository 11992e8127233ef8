import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { Timestamp } from '../../platform/database/timestamp.js';
import { User } from '../../users/user.entity.js';

/** The purpose of a link. */
export type TokenPurpose = 'password_reset' | 'email_verification' | 'email_change';

/** Purposes of links that can be requested without signing in. */
export type RequestedPurpose = 'password_reset' | 'email_verification';

/**
 * The purpose of a redeemed link for which further clicks get the same response as the first. The previous release does
 * not know these purposes, so it cannot redeem such a link again.
 */
type RedeemedPurpose = 'email_verified' | 'email_changed';

export const REDEEMED_PURPOSES: Readonly<Partial<Record<TokenPurpose, RedeemedPurpose>>> = {
  email_verification: 'email_verified',
  email_change: 'email_changed',
};

/** A row that only stores the recipient of a message without a link, because job payloads must not contain addresses. */
export const FORMER_ADDRESS = 'former_address';

/** The link of an enqueued message. Its token is derived when the message is sent; only its hash is stored. */
@Entity('one_time_tokens')
export class OneTimeToken {
  /** Random UUID. Job payloads contain it, and the token is derived from it. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_one_time_tokens' })
  id: string;

  @Column({ name: 'user_id', type: 'integer' })
  @Index('ix_one_time_tokens_user_id')
  userId: number;

  @ManyToOne(() => User, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'fk_one_time_tokens_user_id' })
  user?: User;

  @Column({ type: 'varchar', length: 32 })
  purpose: TokenPurpose | RedeemedPurpose | typeof FORMER_ADDRESS;

  /** The recipient of the message; for a change of the address, the new address. */
  @Column({ type: 'varchar', length: 100 })
  email: string;

  /**
   * For a change of the address, the address of the account at the time of the request, or an empty string for none. The
   * link is valid only while the account has this address. Null for other purposes, and in rows of the previous release.
   */
  @Column({ name: 'account_email', type: 'varchar', length: 100, nullable: true })
  accountEmail: string | null;

  /** SHA-256; null until the message is sent. */
  @Column({ name: 'token_hash', type: 'bytea', nullable: true })
  @Index('uq_one_time_tokens_token_hash', { unique: true })
  tokenHash: Buffer | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt: Timestamp;

  /** Null until the message is sent, so that the time in the queue does not shorten the lifetime. */
  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt: Timestamp | null;

  /** `session_epoch` of the account when the message was enqueued, set by a trigger. */
  @Column({ name: 'session_epoch', type: 'integer', insert: false, update: false })
  sessionEpoch: number;
}
