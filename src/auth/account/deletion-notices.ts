import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { type Composed, MailComposers, type MailOrderToCompose } from '../../mail/mail-composers.js';
import { Mails } from '../../mail/mails.js';
import type { Caller } from '../../platform/http/caller.js';
import { JobHandlers } from '../../platform/jobs/job-handlers.js';
import type { User } from '../../users/user.entity.js';
import { AccountMails } from '../email/account-mails.js';
import { DeletionNotice } from './deletion-notice.entity.js';

/** With an hourly purge, every address is deleted in less than 24 hours. */
const KEPT = '22 hours 30 minutes';
const PURGE_AT = '41 * * * *';

/** Tells the former owner of an account that it was deleted. */
@Injectable()
export class DeletionNotices implements OnModuleInit {
  constructor(
    @InjectRepository(DeletionNotice) private readonly notices: Repository<DeletionNotice>,
    private readonly mails: Mails,
    private readonly accountMails: AccountMails,
    private readonly composers: MailComposers,
    private readonly handlers: JobHandlers,
  ) {}

  onModuleInit(): void {
    this.composers.register('account-deleted', async (order) => this.compose(order));
    this.handlers.schedule('deletion-notices.purge', PURGE_AT, async () => this.purge());
  }

  /** Enqueues the message in the transaction that deletes the account; none for an account without an address. */
  async enqueue(tx: EntityManager, user: User, caller: Caller): Promise<void> {
    const { id: userId, username, email } = user;
    if (email === null) return;
    const id = randomUUID();
    await tx.insert(DeletionNotice, { id, username, email });
    const language = this.accountMails.languageFor(caller);
    const about = { noticeId: id, wasVerified: user.emailVerifiedAt !== null };
    await this.mails.enqueue(tx, { template: 'account-deleted', userId, language, about });
  }

  /** Deletes the addresses of messages that were sent, or could not be sent in time. */
  async purge(): Promise<void> {
    await this.notices
      .createQueryBuilder()
      .delete()
      .where('created_at < now() - CAST(:kept AS interval)', { kept: KEPT })
      .execute();
  }

  private async compose({ noticeId, wasVerified }: MailOrderToCompose): Promise<Composed<'account-deleted'> | null> {
    const notice = await this.notices.findOneBy({ id: String(noticeId) });
    if (!notice) return null;
    const { email, username, createdAt } = notice;
    return { to: email, isVerified: wasVerified === true, variables: { username, at: createdAt } };
  }
}
