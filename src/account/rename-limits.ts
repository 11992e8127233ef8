import { Injectable } from '@nestjs/common';
import type { AuditEvent } from '../audit/audit.js';
import { RepeatedEvents } from '../audit/repeated-events.js';
import type { Caller } from '../platform/http/caller.js';
import { RateLimits } from '../platform/rate-limit/rate-limits.js';
import { TakenProbes } from '../users/taken-probes.js';
import { tooManyRenames } from '../users/users.errors.js';
import { renameLimit } from './account.limits.js';

/** Limits the changes of a username, by account and by client. docs/operations.md has the table. */
@Injectable()
export class RenameLimits {
  constructor(
    private readonly limits: RateLimits,
    private readonly probes: TakenProbes,
    private readonly refusals: RepeatedEvents,
  ) {}

  /** @throws AppError 429 users.too_many_renames; what the change throws */
  async count<T>(userId: number, caller: Caller, change: () => Promise<T>): Promise<T> {
    const outcome = await this.limits.tryReserve(renameLimit, { account: userId }, caller);
    if (outcome.refused) {
      const event = { ...refusedRename(userId, caller), data: { reason: tooManyRenames.code } };
      await this.refusals.record(`${userId}`, event);
      throw this.limits.refuse(renameLimit, outcome.resetSeconds);
    }
    return this.probes.count(renameLimit, caller, change);
  }
}

/** The audit event of a change that is refused; its reason is missing. */
export function refusedRename(userId: number, caller: Caller): AuditEvent {
  return { action: 'user.update_refused', outcome: 'failure', actorId: userId, subjectId: userId, caller };
}
