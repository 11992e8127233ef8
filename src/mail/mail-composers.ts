import { Injectable } from '@nestjs/common';
import type { JobPayload } from '../jobs/job-queue.js';
import type { MailTemplate, MailVariables } from './messages/mail-variables.js';

/** The recipient of a message and the variables of its template. */
export interface Composed<Template extends MailTemplate = MailTemplate> {
  /** Exactly one address. */
  to: string;
  /** Whether the address is verified for this account. Messages to unverified addresses are limited more strictly. */
  isVerified: boolean;
  variables: Readonly<MailVariables[Template]>;
}

/** The payload of the job `mail.send`, as a composer reads it. */
export type MailPayload = JobPayload & {
  userId: number;
  /** The same for every attempt. The Message-ID is derived from it. */
  orderId: string;
};

/**
 * Composes a message when it is sent, including the token of its link. Returns null if there is nothing to send, for
 * example because the account was deleted.
 *
 * It runs for every attempt. The token should be the same for the same `orderId`: the first message may have arrived
 * before a crash, and a mailbox that shows one message per Message-ID keeps that one.
 */
export type ComposeFunction<Template extends MailTemplate = MailTemplate> = (
  order: MailPayload,
) => Promise<Composed<Template> | null>;

/** The composers of all templates. `ComposerDiscovery` registers them at the start. */
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
