import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { Timestamp } from '../../platform/database/timestamp.js';
import { User } from '../../users/user.entity.js';

/** What a link does when it is redeemed. */
export type TokenPurpose = 'password_reset' | 'email_verification' | 'email_change';

/** Purposes of links that can be requested without signing in. */
export type RequestedPurpose = 'password_reset' | 'email_verification';

/**
 * The purpose of a redeemed link whose later clicks get the same answer as the first. The previous release knows
 * neither purpose, so it cannot redeem such a link again.
 */
type RedeemedPurpose = 'email_verified' | 'email_changed';

export const REDEEMED_PURPOSES: Readonly<Partial<Record<TokenPurpose, RedeemedPurpose>>> = {
  email_verification: 'email_verified',
  email_change: 'email_changed',
};

/** An address that a message goes to, kept here because no job's payload may hold one; no link leads to it. */
export const FORMER_ADDRESS = 'former_address';

/**
 * An enqueued message and its link. The token does not exist before the message is sent, and only its hash is stored.
 */
@Entity('one_time_tokens')
export class OneTimeToken {
  /** Version 4, random: what a job's payload names, and what the token is derived from. */
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

  /** Where the message goes; at a change of the address the new one. */
  @Column({ type: 'varchar', length: 100 })
  email: string;

  /**
   * The account's address when a change of it was requested, empty for none: the link works only while it is the same.
   * Null for the other purposes, whose link goes to the account's address, and in rows of the previous release.
   */
  @Column({ name: 'account_email', type: 'varchar', length: 100, nullable: true })
  accountEmail: string | null;

  /** SHA-256; null until the message is sent. */
  @Column({ name: 'token_hash', type: 'bytea', nullable: true })
  @Index('uq_one_time_tokens_token_hash', { unique: true })
  tokenHash: Buffer | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt: Timestamp;

  /** Null until the message is sent: the time that a queue takes is not the reader's. */
  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt: Timestamp | null;

  /** `session_epoch` of the account when the message was enqueued. A trigger fills it in. */
  @Column({ name: 'session_epoch', type: 'integer', insert: false, update: false })
  sessionEpoch: number;
}
