import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { Metrics } from '../platform/metrics/metrics.js';
import { MAIL_TEMPLATES, type MailTemplate } from './messages/mail-variables.js';

/**
 * The outcome of an attempt to send a message. `skipped`: there was nothing left to send. `limited`: the budget of the
 * address is used up. `deferred`: it failed, and the queue retries it. `refused`: it failed permanently.
 */
export type MailOutcome = 'sent' | 'skipped' | 'limited' | 'deferred' | 'refused';

const OUTCOMES: readonly MailOutcome[] = ['sent', 'skipped', 'limited', 'deferred', 'refused'];

@Injectable()
export class MailMetrics {
  private readonly mails: Counter<'template' | 'outcome'>;

  constructor({ registry }: Metrics) {
    this.mails = new Counter({
      name: 'mails_total',
      help: 'Attempts to send a message, by message and outcome.',
      labelNames: ['template', 'outcome'],
      registers: [registry],
    });
    // Starts every series at 0, so that a rate includes its first increase.
    for (const template of MAIL_TEMPLATES) for (const outcome of OUTCOMES) this.mails.inc({ template, outcome }, 0);
  }

  countAttempt(template: MailTemplate, outcome: MailOutcome): void {
    this.mails.inc({ template, outcome });
  }
}
