import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Audit } from '../../audit/audit-writer.js';
import { Jobs } from '../../jobs/job-queue.js';
import { inTransaction } from '../../platform/database/transaction.js';
import type { Caller } from '../../platform/http/caller.js';
import { UserCredentials } from '../../users/user-credentials.service.js';
import { AccountMails, LINK_JOB } from './account-mail-queue.js';
import type { RequestedPurpose } from './one-time-token.entity.js';

const ACTIONS = {
  password_reset: 'password.reset_requested',
  email_verification: 'email.verification_requested',
} as const satisfies Record<RequestedPurpose, string>;

/**
 * Accepts requests for a link from anybody who knows an address. For an unknown address the same statements run, and a
 * job finds out whether there is a link to send: neither the answer nor its time reveals an account.
 */
@Injectable()
export class LinkRequests {
  constructor(
    private readonly dataSource: DataSource,
    private readonly credentials: UserCredentials,
    private readonly mails: AccountMails,
    private readonly jobs: Jobs,
    private readonly audit: Audit,
  ) {}

  /** Accepts a request that `linkRequestLimit` has counted by client, whatever the address. */
  async take(purpose: RequestedPurpose, email: string, caller: Caller): Promise<void> {
    const user = await this.credentials.findByEmail(email);
    const userId = user?.id ?? null;
    await inTransaction(this.dataSource, async (tx) => {
      const outcome = user ? 'success' : 'failure';
      const event = { action: ACTIONS[purpose], outcome, actorId: null, subjectId: userId, caller } as const;
      await this.audit.recordUnheld(tx, event);
      await this.jobs.enqueue(tx, LINK_JOB, { userId, purpose, language: this.mails.languageFor(caller) });
    });
  }
}
