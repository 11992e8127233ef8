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

/** With an hourly purge, every address is deleted in less than 24 hours. */
const RETENTION = '22 hours 30 minutes';

/** A backup, or a database without a worker, may hold older ones. */
const NOT_EXPIRED = (column: string) => `${column} > now() - interval '24 hours'`;

/** Tells the former owner of an account that it was deleted. */
@Injectable()
export class DeletionNotices {
  constructor(
    @InjectRepository(DeletionNotice) private readonly notices: Repository<DeletionNotice>,
    private readonly mails: MailQueue,
    private readonly accountMails: AccountMailQueue,
  ) {}

  /**
   * Where the messages go: to the address of the account, and to each former one whose notice has not been sent. To be read
   * before the account is removed, which cancels those notices.
   */
  async findRecipients(tx: EntityManager, { id, email, emailVerifiedAt }: User): Promise<FormerAddress[]> {
    const former = await this.accountMails.findPendingAddressNotices(tx, id);
    const present = email === null ? [] : [{ email, wasVerified: emailVerifiedAt !== null }];
    return [...new Map([...former, ...present].map((recipient) => [recipient.email, recipient])).values()];
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
   * Deletes the addresses of messages that were sent, or could not be sent in time. Every deletion of an account does so
   * too, because there may be no process that runs jobs.
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
