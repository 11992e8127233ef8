import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditWriter } from '../../audit/audit-writer.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { inTransaction } from '../../platform/database/transaction.js';
import type { Caller } from '../../platform/http/caller.js';
import { UserCredentialsService } from '../../users/user-credentials.service.js';
import { AccountMailQueue, SEND_LINK } from './account-mail-queue.js';
import type { RequestedPurpose } from './one-time-token.entity.js';

const ACTIONS = {
  password_reset: 'password.reset_requested',
  email_verification: 'email.verification_requested',
} as const satisfies Record<RequestedPurpose, string>;

/**
 * Accepts requests for a link from clients that are not signed in. The same statements run for known and unknown
 * addresses, and a job decides whether to send a link. Neither the response nor its time reveals whether an account
 * exists.
 */
@Injectable()
export class LinkRequests {
  constructor(
    private readonly dataSource: DataSource,
    private readonly credentials: UserCredentialsService,
    private readonly mails: AccountMailQueue,
    private readonly jobs: JobQueue,
    private readonly audit: AuditWriter,
  ) {}

  /** Enqueues a request that `linkRequestLimit` has counted. */
  async enqueue(purpose: RequestedPurpose, email: string, caller: Caller): Promise<void> {
    const user = await this.credentials.findByEmail(email);
    const userId = user?.id ?? null;
    await inTransaction(this.dataSource, async (tx) => {
      const outcome = user ? 'success' : 'failure';
      const event = { action: ACTIONS[purpose], outcome, actorId: null, subjectId: userId, caller } as const;
      await this.audit.recordUnlocked(tx, event);
      await this.jobs.enqueue(tx, SEND_LINK, { userId, purpose, language: this.mails.languageFor(caller) });
    });
  }
}
