import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { JobHandler } from '../../jobs/job.decorators.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { UserCredentialsService } from '../../users/user-credentials.service.js';
import type { User } from '../../users/user.entity.js';
import { AccountMailQueue, type RequestedLink, SEND_LINK } from './account-mail-queue.js';
import { LinkRequestLimits } from './link-request-limits.js';
import type { RequestedPurpose } from './one-time-token.entity.js';

/** A requested link and the address of its account. */
interface AddressedLink extends RequestedLink {
  userId: number;
  address: string;
}

/** Enqueues the message of a requested link if there is an account to send it to. */
@Injectable()
export class SendLinkJob {
  constructor(
    private readonly dataSource: DataSource,
    private readonly credentials: UserCredentialsService,
    private readonly mails: AccountMailQueue,
    private readonly limits: LinkRequestLimits,
  ) {}

  @JobHandler(SEND_LINK)
  async run({ userId, purpose, language }: RequestedLink): Promise<void> {
    const user = userId === null ? null : await this.credentials.find(userId);
    const address = user && this.findAddress(user, purpose);
    if (!user || !address) return;
    const reservation = await this.limits.reserve(purpose, address);
    if (!reservation) return;
    const isSent = await this.enqueue({ userId: user.id, purpose, language, address }).catch(async (error: unknown) => {
      await reservation.release();
      throw error;
    });
    if (!isSent) await reservation.release();
  }

  /** @returns false if the account has changed since the reservation */
  private async enqueue({ userId, address, purpose, language }: AddressedLink): Promise<boolean> {
    return inTransaction(this.dataSource, async (tx) => {
      const user = await this.credentials.lock(tx, userId);
      if (!user || this.findAddress(user, purpose) !== address) return false;
      await this.mails.enqueueLink(tx, { user, purpose, email: address, language, isRequested: true });
      return true;
    });
  }

  /** The recipient of the link; null for a disabled account, and for one that does not need the link. */
  private findAddress(user: User, purpose: RequestedPurpose): string | null {
    const isNeeded = user.isActive && (purpose === 'password_reset' || this.mails.needsVerification(user));
    return isNeeded ? user.email : null;
  }
}
