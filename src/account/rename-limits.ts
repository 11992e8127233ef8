import { Injectable } from '@nestjs/common';
import type { NewAuditEvent } from '../audit/audit.js';
import { RepeatedEvents } from '../audit/repeated-events.js';
import type { AppError } from '../platform/http/app-error.js';
import type { Caller } from '../platform/http/caller.js';
import { ExactLimits } from '../platform/rate-limit/exact-limits.js';
import { TakenProbes } from '../users/taken-probes.js';
import { tooManyRenames } from '../users/users.errors.js';

export const RENAME_POLICY = 'rename';
/** Includes refused changes to a taken name. */
const RENAMES_PER_HOUR = 10;

/** Limits the changes of a username, by account and by client. docs/operations.md has the table. */
@Injectable()
export class RenameLimits {
  constructor(
    private readonly limits: ExactLimits,
    private readonly probes: TakenProbes,
    private readonly refusals: RepeatedEvents,
  ) {}

  /** @throws AppError 429 users.too_many_renames; what the change throws */
  async count<T>(userId: number, caller: Caller, change: () => Promise<T>): Promise<T> {
    const budget = { key: `rename:account:${userId}`, most: RENAMES_PER_HOUR, windowSeconds: 3600 };
    const verdict = await this.limits.take([budget], caller);
    if (!verdict.admitted) {
      const event = { ...refusedRename(userId, caller), data: { reason: tooManyRenames.code } };
      await this.refusals.record(`${userId}`, event);
      throw this.refusal(verdict.resetSeconds);
    }
    return this.probes.count(caller, (seconds) => this.refusal(seconds), change);
  }

  private refusal(seconds: number): AppError {
    return this.limits.refusal(RENAME_POLICY, tooManyRenames, seconds);
  }
}

/** The audit event of a change that is refused; its reason is missing. */
export function refusedRename(userId: number, caller: Caller): NewAuditEvent {
  return { action: 'user.update_refused', outcome: 'failure', actorId: userId, subjectId: userId, caller };
}
