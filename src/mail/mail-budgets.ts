import { Injectable } from '@nestjs/common';
import { Environment } from '../platform/config/environment.js';
import { type Budget, ExactLimits, type Place } from '../platform/rate-limit/exact-limits.js';
import { AddressKeys } from './address-keys.js';
import type { MailTemplate } from './mail-variables.js';

/** The address of a message, and what decides its budget. */
export interface CountedMessage {
  template: MailTemplate;
  to: string;
  /** Whether the owner of the address has verified it for this account. */
  isVerified: boolean;
}

const HOUR_SECONDS = 3600;

/**
 * Places of MAIL_LIMIT_PER_HOUR reserved for requested links, one for each purpose. `LinkRequestLimits` counts those.
 */
const KEPT_FOR_REQUESTED_LINKS = 2;

/** Messages that a user can cause without changing anything. They leave one place to the others. */
const YIELDING: ReadonlySet<MailTemplate> = new Set(['new-sign-in', 'welcome']);

/**
 * Limits the messages to each address, over all accounts and processes. A place is reserved when a message is sent and
 * released when sending fails, so that retries count once. docs/operations.md has the table.
 */
@Injectable()
export class MailBudgets {
  constructor(
    private readonly limits: ExactLimits,
    private readonly addresses: AddressKeys,
    private readonly environment: Environment,
  ) {}

  /** @returns null if the budget is used up */
  async reserve(message: CountedMessage): Promise<readonly Place[] | null> {
    const verdict = await this.limits.take(await this.budgetsOf(message), null);
    return verdict.admitted ? verdict.places : null;
  }

  /** Never throws. */
  async release(places: readonly Place[]): Promise<void> {
    await this.limits.giveBack(places, null);
  }

  private async budgetsOf({ template, to, isVerified }: CountedMessage): Promise<Budget[]> {
    const limit = this.environment.MAIL_LIMIT_PER_HOUR;
    const kept = KEPT_FOR_REQUESTED_LINKS + (YIELDING.has(template) ? 1 : 0);
    const prefix = isVerified ? `mail:verified:${template}` : 'mail:address';
    const most = isVerified ? limit : Math.max(1, limit - kept);
    const names = await this.addresses.namesOf(to);
    return names.map((name) => ({ key: `${prefix}:${name}`, most, windowSeconds: HOUR_SECONDS }));
  }
}
