import { devNull } from 'node:os';
import { Logger } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { DataSource } from 'typeorm';
import { AddressHasher } from '../../src/mail/address-hasher.js';
import { MailLimits } from '../../src/mail/mail-limits.js';
import { MailComposers } from '../../src/mail/mail-composers.js';
import { MailDelivery } from '../../src/mail/mail-delivery.js';
import { MailMetrics } from '../../src/mail/mail-metrics.js';
import { MailRenderer } from '../../src/mail/messages/mail-renderer.js';
import { MailSender } from '../../src/mail/mail-sender.js';
import { createMailTransport } from '../../src/mail/transports/create-mail-transport.js';
import { KeyRing } from '../../src/platform/config/key-ring.js';
import { loadEnvironment } from '../../src/settings/load-environment.js';
import type { JobPayload } from '../../src/jobs/job-queue.js';
import { NestLogger } from '../../src/platform/logging/nest-logger.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { MemoryCounters } from '../../src/platform/rate-limit/memory-counters.js';
import { RateLimitMetrics } from '../../src/platform/rate-limit/rate-limit-metrics.js';
import { SettingValues } from '../../src/platform/config/setting-values.js';
import { RateLimitStore } from '../../src/platform/rate-limit/rate-limit-store.js';
import { RateLimits } from '../../src/platform/rate-limit/rate-limits.js';
import { collectingLogger } from './collecting-logger.js';

/** The code between the job queue and the SMTP server, without queue and limits. */
export class MailSending {
  readonly composers = new MailComposers();
  /** Log lines of all levels. */
  readonly lines: string[];
  private readonly metrics = new Metrics();
  private readonly sender: MailSender;
  private readonly limits: RateLimitStore;
  private readonly delivery: MailDelivery;

  constructor(settings: Record<string, string>) {
    const { environment } = loadEnvironment({
      DEBUG: 'True',
      ENV_FILE: devNull,
      APP_NAME: 'Shop',
      PUBLIC_URL: 'https://auth.example',
      RATE_LIMIT: 'off',
      ...settings,
    });
    const unconnected = new DataSource({ type: 'postgres' });
    const withoutFolding = { query: async () => [{}] } as unknown as DataSource;
    this.limits = new RateLimitStore(unconnected);
    const refusals = new RateLimitMetrics(new Metrics(), new MemoryCounters(0));
    const limits = new RateLimits(this.limits, environment, new SettingValues(environment), refusals);
    const budgets = new MailLimits(limits, new AddressHasher(withoutFolding, new KeyRing(environment)));
    this.delivery = new MailDelivery(
      budgets,
      new MailRenderer(environment),
      createMailTransport(environment, environment, environment),
    );
    this.sender = new MailSender(this.composers, this.delivery, new MailMetrics(this.metrics));
    const { logger, lines } = collectingLogger();
    this.lines = lines;
    Logger.overrideLogger(new NestLogger(logger));
  }

  /** Runs the job once, like the queue. */
  async send(payload: JobPayload, signal: AbortSignal = new AbortController().signal): Promise<void> {
    await this.sender.send(payload, { jobId: '1', attempt: 1, signal });
  }

  /** Runs the job. @returns its error @throws if it succeeds */
  async failure(payload: JobPayload, signal?: AbortSignal): Promise<Error> {
    const outcome = await this.send(payload, signal).catch((error: unknown) => error as Error);
    if (!outcome) throw new Error('the message was sent');
    return outcome;
  }

  /** The counted outcomes, such as `welcome sent`, repeated by their count. */
  async counted(): Promise<string[]> {
    const [metric] = await this.metrics.registry.getMetricsAsJSON();
    return (metric?.values ?? []).flatMap(({ labels, value }) =>
      Array<string>(value).fill(`${labels.template} ${labels.outcome}`),
    );
  }

  stop(): void {
    this.delivery.onApplicationShutdown();
    this.limits.onModuleDestroy();
  }
}

/** A payload as `Mails.enqueue` writes it. */
export function orderOf(template: string, more: JobPayload = {}): JobPayload & { orderId: string } {
  return { template, language: 'en', userId: 7, orderId: uuid(), ...more };
}
