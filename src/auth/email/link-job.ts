import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { MailLanguage } from '../../mail/mails.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { JobHandlers } from '../../platform/jobs/job-handlers.js';
import type { JobPayload } from '../../platform/jobs/jobs.js';
import { UserCredentials } from '../../users/user-credentials.service.js';
import type { User } from '../../users/user.entity.js';
import { AccountMails, LINK_JOB } from './account-mails.js';
import type { RequestedPurpose } from './link-requests.js';

/** Sends what `LinkRequests` took, where there is somebody to send it to. */
@Injectable()
export class LinkJob implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly credentials: UserCredentials,
    private readonly mails: AccountMails,
    private readonly handlers: JobHandlers,
  ) {}

  onModuleInit(): void {
    this.handlers.register(LINK_JOB, async (payload) => this.send(payload));
  }

  private async send(payload: JobPayload): Promise<void> {
    const { userId, purpose, language } = payload as unknown as Asked;
    if (userId === null || !(await this.isWanted(userId, purpose)) || !(await this.mails.isAdmitted(userId))) return;
    await inTransaction(this.dataSource, async (tx) => {
      const user = await this.credentials.lock(tx, userId);
      if (user && user.email !== null && this.isFor(user, purpose)) {
        await this.mails.sendLink(tx, { userId, purpose, email: user.email, language });
      }
    });
  }

  /** Asked before it is counted. */
  private async isWanted(userId: number, purpose: RequestedPurpose): Promise<boolean> {
    const user = await this.credentials.find(userId);
    return user !== null && this.isFor(user, purpose);
  }

  /** A disabled account gets none: what it is good for, its owner may not have. */
  private isFor(user: User, purpose: RequestedPurpose): boolean {
    if (!user.isActive || user.email === null) return false;
    return purpose === 'password_reset' || this.mails.asksToVerify(user);
  }
}

/** As `LinkRequests` wrote it. */
interface Asked {
  /** Null where no account has the address. */
  userId: number | null;
  purpose: RequestedPurpose;
  language: MailLanguage;
}
