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
  /** What the composer of the template needs: ids, never a token. */
  about?: JobPayload;
  /** The message was requested and counted then: other messages to the address do not suppress it. */
  isRequested?: boolean;
}

/** Orders messages: a job in the caller's transaction, so that none is lost after a commit, and none sent for a rollback. */
@Injectable()
export class MailQueue {
  constructor(
    private readonly jobs: JobQueue,
    private readonly settings: MailSettings,
  ) {}

  /** The language of messages to a caller: the best of Accept-Language, or MAIL_LANGUAGE. */
  languageFor({ languages }: Pick<Caller, 'languages'>): MailLanguage {
    return languageOf(languages, this.settings.MAIL_LANGUAGE);
  }

  /** The order gets an id of its own: the Message-ID of every try. A job's number would begin anew in a restored database. */
  async enqueue(tx: EntityManager, { template, userId, language, about = {}, isRequested }: QueuedMail): Promise<void> {
    const requested: JobPayload = isRequested ? { isRequested } : {};
    await this.jobs.enqueue(tx, SEND_MAIL, { ...about, ...requested, template, userId, language, orderId: uuid() });
  }
}
