import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { type JobPayload, JobQueue } from '../jobs/job-queue.js';
import type { Caller } from '../platform/http/caller.js';
import { languageOf, type MailLanguage } from './messages/mail-language.js';
import type { MailTemplate } from './messages/mail-variables.js';
import { MailSettings } from './settings/mail.settings.js';

/** Name of the job that sends a message. */
export const SEND_MAIL = 'mail.send';

export interface QueuedMail {
  template: MailTemplate;
  userId: number;
  /** From `languageFor`. */
  language: MailLanguage;
  /** Ids for the composer of the template, never a token. */
  about?: JobPayload;
  /** Whether the message was counted when it was requested. Other messages to the address do not suppress it then. */
  isRequested?: boolean;
}

/** Enqueues messages as jobs in the caller's transaction: a commit loses none, and a rollback sends none. */
@Injectable()
export class MailQueue {
  constructor(
    private readonly jobs: JobQueue,
    private readonly settings: MailSettings,
  ) {}

  /** The best available language of the caller's Accept-Language, or MAIL_LANGUAGE. */
  languageFor({ languages }: Pick<Caller, 'languages'>): MailLanguage {
    return languageOf(languages, this.settings.MAIL_LANGUAGE);
  }

  /** Gives the order a UUID for the Message-ID, because job ids would repeat after the database is restored. */
  async enqueue(tx: EntityManager, { template, userId, language, about = {}, isRequested }: QueuedMail): Promise<void> {
    const requested: JobPayload = isRequested ? { isRequested } : {};
    await this.jobs.enqueue(tx, SEND_MAIL, { ...about, ...requested, template, userId, language, orderId: uuid() });
  }
}
