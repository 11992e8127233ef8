import { Injectable } from '@nestjs/common';
import type { JobPayload } from '../jobs/jobs.js';
import type { MailTemplate, MailVariables } from './messages/mail-variables.js';

/** What a template is filled with, and where the message goes. */
export interface Composed<Template extends MailTemplate = MailTemplate> {
  /** Address of the receiver: one, as the account has it. */
  to: string;
  /** Whether the address is verified for this account: messages to unverified addresses are limited more strictly. */
  isVerified: boolean;
  variables: Readonly<MailVariables[Template]>;
}

/** What a composer is told: what the order was about, with whose and which it is. */
export type MailOrderToCompose = JobPayload & {
  userId: number;
  /** The same at every try; the Message-ID is made of it. */
  orderId: string;
};

/**
 * Makes a message's content when it is sent: the token of a link is derived here. Null when there is nothing to
 * send any more, as for an account that is gone.
 *
 * Every try asks anew. Best is the same token for the same `orderId`: after a crash the first message may have arrived all
 * the same, and a mailbox that keeps one message a Message-ID keeps that one.
 */
export type MailComposer<Template extends MailTemplate = MailTemplate> = (
  order: MailOrderToCompose,
) => Promise<Composed<Template> | null>;

/** Who fills which template. Features register theirs when their module starts (`onModuleInit`). */
@Injectable()
export class MailComposers {
  private readonly composers = new Map<MailTemplate, MailComposer>();

  register<Template extends MailTemplate>(template: Template, composer: MailComposer<Template>): void {
    if (this.composers.has(template)) throw new RangeError(`two composers of the message ${template}`);
    this.composers.set(template, composer);
  }

  get(template: MailTemplate): MailComposer | undefined {
    return this.composers.get(template);
  }
}
