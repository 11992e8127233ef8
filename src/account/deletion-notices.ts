import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Raw, type Repository } from 'typeorm';
import { AccountMailQueue, type FormerAddress } from '../auth/links/account-mail-queue.js';
import { Scheduled } from '../jobs/job.decorators.js';
import { MailComposer } from '../mail/mail-composer.decorator.js';
import type { Composed, MailPayload } from '../mail/mail-composers.js';
import { MailQueue } from '../mail/mail-queue.js';
import type { Caller } from '../platform/http/caller.js';
import type { User } from '../users/user.entity.js';
import { DeletionNotice } from './deletion-notice.entity.js';

/** Short enough that the hourly purge deletes every address in less than 24 hours. */
const RETENTION = '22 hours 30 minutes';

/** Excludes older rows, which a restored backup or a database without a worker may contain. */
const NOT_EXPIRED = (column: string) => `${column} > now() - interval '24 hours'`;

/** Notifies the former owner of an account of its deletion. */
@Injectable()
export class DeletionNotices {
  constructor(
    @InjectRepository(DeletionNotice) private readonly notices: Repository<DeletionNotice>,
    private readonly mails: MailQueue,
    private readonly accountMails: AccountMailQueue,
  ) {}

  /**
   * Finds the recipients: the address of the account, and each former address whose notice has not been sent. Must run
   * before the account is deleted, which cancels those notices.
   */
  async findRecipients(tx: EntityManager, { id, email, emailVerifiedAt }: User): Promise<FormerAddress[]> {
    const former = await this.accountMails.findPendingAddressNotices(tx, id);
    const current = email === null ? [] : [{ email, wasVerified: emailVerifiedAt !== null }];
    return [...new Map([...former, ...current].map((recipient) => [recipient.email, recipient])).values()];
  }

  /** Enqueues the messages in the transaction that deletes the account. */
  async enqueue(
    tx: EntityManager,
    { id: userId, username }: User,
    recipients: readonly FormerAddress[],
    caller: Caller,
  ): Promise<void> {
    await this.deleteExpired(tx);
    const language = this.accountMails.languageFor(caller);
    for (const { email, wasVerified } of recipients) {
      const id = randomUUID();
      await tx.insert(DeletionNotice, { id, username, email });
      const about = { noticeId: id, wasVerified };
      await this.mails.enqueue(tx, { template: 'account-deleted', userId, language, about });
    }
  }

  @Scheduled('deletion-notices.purge', '41 * * * *')
  async purge(): Promise<void> {
    await this.deleteExpired(this.notices.manager);
  }

  /**
   * Deletes expired addresses, whether or not their messages were sent. Every deletion of an account also does this,
   * because there may be no process that runs jobs.
   */
  private async deleteExpired(tx: EntityManager): Promise<void> {
    await tx
      .createQueryBuilder()
      .delete()
      .from(DeletionNotice)
      .where('created_at < now() - CAST(:kept AS interval)', { kept: RETENTION })
      .execute();
  }

  @MailComposer('account-deleted')
  async compose({ noticeId, wasVerified }: MailPayload): Promise<Composed<'account-deleted'> | null> {
    const notice = await this.notices.findOneBy({ id: String(noticeId), createdAt: Raw(NOT_EXPIRED) });
    if (!notice) return null;
    const { email, username, createdAt } = notice;
    return { to: email, isVerified: wasVerified === true, variables: { username, at: createdAt } };
  }
}
