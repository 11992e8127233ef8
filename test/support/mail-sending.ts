import { devNull } from 'node:os';
import { Logger } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { MailComposers } from '../../src/mail/mail-composers.js';
import { MailMetrics } from '../../src/mail/mail-metrics.js';
import { MailRenderer } from '../../src/mail/mail-renderer.js';
import { MailSender } from '../../src/mail/mail-sender.js';
import { SEND_MAIL } from '../../src/mail/mails.js';
import { mailTransportOf } from '../../src/mail/transports/mail-transport-of.js';
import { loadEnvironment } from '../../src/platform/config/load-environment.js';
import { type JobHandler, JobHandlers } from '../../src/platform/jobs/job-handlers.js';
import type { JobPayload } from '../../src/platform/jobs/jobs.js';
import { NestLogger } from '../../src/platform/logging/nest-logger.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { collectingLogger } from './collecting-logger.js';

/** Everything between the queue and the SMTP server, without a queue. */
export class MailSending {
  readonly composers = new MailComposers();
  /** What was logged, at any level. */
  readonly lines: string[];
  private readonly metrics = new Metrics();
  private readonly handler: JobHandler;
  private readonly sender: MailSender;

  constructor(settings: Record<string, string>) {
    const { environment } = loadEnvironment({
      DEBUG: 'True',
      ENV_FILE: devNull,
      APP_NAME: 'Shop',
      PUBLIC_URL: 'https://auth.example',
      ...settings,
    });
    const handlers = new JobHandlers();
    const transport = mailTransportOf(environment);
    const renderer = new MailRenderer(environment);
    this.sender = new MailSender(handlers, this.composers, renderer, transport, new MailMetrics(this.metrics));
    this.sender.onModuleInit();
    const { logger, lines } = collectingLogger();
    this.lines = lines;
    Logger.overrideLogger(new NestLogger(logger));
    this.handler = handlers.all.get(SEND_MAIL) as JobHandler;
  }

  /** Does the job once, as the queue would. */
  async send(payload: JobPayload, signal: AbortSignal = new AbortController().signal): Promise<void> {
    await this.handler(payload, { jobId: '1', attempt: 1, signal });
  }

  /** What went wrong with it. @throws when nothing did */
  async failure(payload: JobPayload, signal?: AbortSignal): Promise<Error> {
    const outcome = await this.send(payload, signal).catch((error: unknown) => error as Error);
    if (!outcome) throw new Error('the message was sent');
    return outcome;
  }

  /** `welcome sent`, as often as it was counted. */
  async counted(): Promise<string[]> {
    const [metric] = await this.metrics.registry.getMetricsAsJSON();
    return (metric?.values ?? []).flatMap(({ labels, value }) =>
      Array<string>(value).fill(`${labels.template} ${labels.outcome}`),
    );
  }

  stop(): void {
    this.sender.onApplicationShutdown();
  }
}

/** As `Mails.enqueue` writes it. */
export function orderOf(template: string, more: JobPayload = {}): JobPayload & { orderId: string } {
  return { template, language: 'en', userId: 7, orderId: uuid(), ...more };
}
