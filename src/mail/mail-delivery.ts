import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Composed } from './mail-composers.js';
import { MailLimits } from './mail-limits.js';
import type { MailLanguage } from './messages/mail-language.js';
import { MailRenderer } from './messages/mail-renderer.js';
import type { MailTemplate } from './messages/mail-variables.js';
import type { MailTransport } from './transports/mail-transport.js';

export const MAIL_TRANSPORT = Symbol('mail transport');

export interface Draft {
  orderId: string;
  template: MailTemplate;
  language: MailLanguage;
  /** Whether the message was counted when it was requested. */
  isRequested: boolean;
  composed: Composed;
}

/** Fills the template of a message and sends it, within the limits of its address. */
@Injectable()
export class MailDelivery implements OnApplicationShutdown {
  constructor(
    private readonly limits: MailLimits,
    private readonly renderer: MailRenderer,
    @Inject(MAIL_TRANSPORT) private readonly transport: MailTransport,
  ) {}

  onApplicationShutdown(): void {
    this.transport.close();
  }

  /** @returns null if the budget of the address is used up */
  async deliver(draft: Draft, signal: AbortSignal): Promise<{ messageId: string; path?: string } | null> {
    const { orderId, template, isRequested, composed } = draft;
    const reservations = isRequested ? [] : await this.limits.reserve({ ...composed, orderId, template });
    if (reservations === null) return null;
    try {
      return await this.send(draft, signal);
    } catch (error) {
      for (const reservation of reservations) await reservation.release();
      throw error;
    }
  }

  private async send(
    { orderId, template, language, composed: { to, variables } }: Draft,
    signal: AbortSignal,
  ): Promise<{ messageId: string; path?: string }> {
    const content = this.renderer.render(template, language, variables);
    return this.transport.send({ orderId, template, language, to, ...content }, signal);
  }
}
