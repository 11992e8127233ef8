import { Injectable, Logger } from '@nestjs/common';
import type { JobPayload } from '../jobs/job-queue.js';
import type { JobContext } from '../jobs/job-registry.js';
import { JobHandler } from '../jobs/job.decorators.js';
import { PermanentFailure } from '../jobs/permanent-failure.js';
import { MailComposers, type MailPayload } from './mail-composers.js';
import { MailDelivery } from './mail-delivery.js';
import { MailMetrics, type MailOutcome } from './mail-metrics.js';
import { SEND_MAIL } from './mail-queue.js';
import { maskAddress } from './messages/addresses.js';
import { MAIL_LANGUAGES, type MailLanguage } from './messages/mail-language.js';
import type { MailTemplate } from './messages/mail-variables.js';

interface Order extends MailPayload {
  template: MailTemplate;
  language: MailLanguage;
  isRequested: boolean;
}

/** The outcome of an attempt and its log fields. */
interface Attempt {
  outcome: MailOutcome;
  msg: string;
  message_id?: string;
  to?: string;
  path?: string;
}

/**
 * Handles the job `mail.send`: composes the message and delivers it. A retry after a crash sends the message again with
 * the same Message-ID. The log lines contain neither a full address nor a link.
 */
@Injectable()
export class MailSender {
  private readonly log = new Logger('Mail');

  constructor(
    private readonly composers: MailComposers,
    private readonly delivery: MailDelivery,
    private readonly metrics: MailMetrics,
  ) {}

  @JobHandler(SEND_MAIL)
  async send(payload: JobPayload, context: JobContext): Promise<void> {
    const order = parseOrder(payload);
    const fields = { template: order.template, user_id: order.userId, attempt: context.attempt };
    try {
      const { outcome, ...result } = await this.deliver(order, context.signal);
      this.metrics.countAttempt(order.template, outcome);
      this.log.log({ ...fields, ...result });
    } catch (error) {
      const outcome: MailOutcome = error instanceof PermanentFailure ? 'refused' : 'deferred';
      this.metrics.countAttempt(order.template, outcome);
      const msg = `${outcome === 'refused' ? 'could not send a message' : 'could not send a message yet'}: ${String(error)}`;
      this.log.warn({ ...fields, msg });
      throw error;
    }
  }

  private async deliver(order: Order, signal: AbortSignal): Promise<Attempt> {
    const composer = this.composers.get(order.template);
    // During a reload, a newer version of the service may have enqueued it. That version composes it at a later
    // attempt.
    if (!composer) throw new Error(`no composer for the message ${order.template}`);
    const composed = await composer(order);
    if (!composed) return { outcome: 'skipped', msg: 'skipped a message: there is nothing left to send' };
    const delivered = await this.delivery.deliver({ ...order, composed }, signal);
    if (!delivered) return { outcome: 'limited', msg: 'did not send a message: too many messages to its address' };
    const { messageId, path } = delivered;
    const sent = { outcome: 'sent', message_id: messageId, to: maskAddress(composed.to) } as const;
    if (path === undefined) return { ...sent, msg: 'sent a message' };
    return { ...sent, path, msg: `wrote a message to ${path}: SMTP_HOST is not set` };
  }
}

/** @throws PermanentFailure for a payload that `MailQueue.enqueue` never writes */
function parseOrder(payload: JobPayload): Order {
  const { template, language, userId, orderId } = payload;
  const isOrder =
    typeof template === 'string' &&
    typeof userId === 'number' &&
    typeof orderId === 'string' &&
    /^[0-9a-f-]{36}$/.test(orderId) &&
    MAIL_LANGUAGES.some((known) => known === language);
  if (!isOrder) throw new PermanentFailure('the payload of the job is invalid');
  const isRequested = payload.isRequested === true;
  return {
    ...payload,
    template: template as MailTemplate,
    language: language as MailLanguage,
    userId,
    orderId,
    isRequested,
  };
}
