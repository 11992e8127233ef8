import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type JobContext, JobHandlers } from '../platform/jobs/job-handlers.js';
import type { JobPayload } from '../platform/jobs/jobs.js';
import { PermanentFailure } from '../platform/jobs/permanent-failure.js';
import { maskedAddress } from './addresses.js';
import { MailComposers, type MailOrderToCompose } from './mail-composers.js';
import { MAIL_LANGUAGES } from './mail-language.js';
import { MailMetrics, type MailOutcome } from './mail-metrics.js';
import { MailRenderer } from './mail-renderer.js';
import type { MailTemplate } from './mail-variables.js';
import { type MailLanguage, SEND_MAIL } from './mails.js';
import type { MailTransport } from './transports/mail-transport.js';

export const MAIL_TRANSPORT = Symbol('how messages leave');

interface Order extends MailOrderToCompose {
  template: MailTemplate;
  language: MailLanguage;
}

/**
 * Does the job `mail.send`: has the message composed, fills its template, sends it. Done again after a crash it sends the
 * message again, with the same Message-ID (row B16); what the log says of it holds neither an address nor a link.
 */
@Injectable()
export class MailSender implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new Logger('Mail');

  constructor(
    private readonly handlers: JobHandlers,
    private readonly composers: MailComposers,
    private readonly renderer: MailRenderer,
    @Inject(MAIL_TRANSPORT) private readonly transport: MailTransport,
    private readonly metrics: MailMetrics,
  ) {}

  onModuleInit(): void {
    this.handlers.register(SEND_MAIL, async (payload, context) => this.send(payload, context));
  }

  onApplicationShutdown(): void {
    this.transport.close();
  }

  private async send(payload: JobPayload, context: JobContext): Promise<void> {
    const order = orderFrom(payload);
    const said = { template: order.template, user_id: order.userId, attempt: context.attempt };
    try {
      const sent = await this.deliver(order, context.signal);
      this.metrics.count(order.template, sent ? 'sent' : 'skipped');
      this.log.log(sent ? { ...said, ...sent } : { ...said, msg: 'there was no message to send any more' });
    } catch (error) {
      const outcome: MailOutcome = error instanceof PermanentFailure ? 'refused' : 'deferred';
      this.metrics.count(order.template, outcome);
      const msg = `${outcome === 'refused' ? 'could not send a message' : 'could not send a message yet'}: ${String(error)}`;
      this.log.warn({ ...said, msg });
      throw error;
    }
  }

  /** @returns what the log says of it, undefined when there was nothing to send */
  private async deliver(order: Order, signal: AbortSignal): Promise<object | undefined> {
    const { template, language, orderId } = order;
    const composer = this.composers.get(template);
    // Another version of the service, as during a reload, may have it: no failure for good.
    if (!composer) throw new Error(`nobody composes the message ${template}`);
    const composed = await composer(order);
    if (!composed) return undefined;
    const { to, variables } = composed;
    const content = this.renderer.render(template, language, variables);
    const { messageId, path } = await this.transport.send({ orderId, template, language, to, ...content }, signal);
    const sent = { message_id: messageId, to: maskedAddress(to) };
    if (path === undefined) return { ...sent, msg: 'sent a message' };
    return { ...sent, path, msg: `wrote a message to ${path}: SMTP_HOST is not set` };
  }
}

/** @throws PermanentFailure for what `Mails.enqueue` never writes */
function orderFrom(payload: JobPayload): Order {
  const { template, language, userId, orderId } = payload;
  const isOrder =
    typeof template === 'string' &&
    typeof userId === 'number' &&
    typeof orderId === 'string' &&
    /^[0-9a-f-]{36}$/.test(orderId) &&
    MAIL_LANGUAGES.some((known) => known === language);
  if (!isOrder) throw new PermanentFailure('the job is no order of a message');
  return { ...payload, template: template as MailTemplate, language: language as MailLanguage, userId, orderId };
}
