import { Injectable } from '@nestjs/common';
import type { JobPayload } from '../jobs/job-queue.js';
import type { MailTemplate, MailVariables } from './messages/mail-variables.js';

/** What a template is filled with, and where the message goes. */
export interface Composed<Template extends MailTemplate = MailTemplate> {
  /** Address of the receiver: one, as the account has it. */
  to: string;
  /** Whether the address is verified for this account: messages to unverified addresses are limited more strictly. */
  isVerified: boolean;
  variables: Readonly<MailVariables[Template]>;
}

/** The payload of the job `mail.send`, as a composer reads it. */
export type MailPayload = JobPayload & {
  userId: number;
  /** The same at each attempt; the Message-ID is derived from it. */
  orderId: string;
};

/**
 * Makes the content of a message when it is sent: the token of a link is derived here. Null when there is nothing to send,
 * as for a deleted account.
 *
 * It runs at each attempt. The token should be the same for the same `orderId`: after a crash the first message may have
 * arrived, and a mailbox that keeps one message for a Message-ID keeps that one.
 */
export type ComposeFunction<Template extends MailTemplate = MailTemplate> = (
  order: MailPayload,
) => Promise<Composed<Template> | null>;

/** The composer of each template. `ComposerDiscovery` fills it at the start. */
@Injectable()
export class MailComposers {
  private readonly composers = new Map<MailTemplate, ComposeFunction>();

  /** @throws Error for a second composer of a template */
  register<Template extends MailTemplate>(template: Template, composer: ComposeFunction<Template>): void {
    if (this.composers.has(template)) throw new Error(`The message ${template} has two composers.`);
    this.composers.set(template, composer);
  }

  get(template: MailTemplate): ComposeFunction | undefined {
    return this.composers.get(template);
  }
}
