import { Injectable } from '@nestjs/common';
import type { SessionPrincipal } from '../access/principal.js';
import type { NewAuditEvent } from '../audit/audit-writer.js';
import { ThrottledAudit } from '../audit/throttled-audit.js';
import { RecentSignIn } from '../auth/sign-in/recent-sign-in.js';
import type { Caller } from '../platform/http/caller.js';
import { RateLimits } from '../platform/rate-limit/rate-limits.js';
import { EnumerationLimit } from '../users/enumeration-limit.js';
import { tooManyRenames } from '../users/users.errors.js';
import { renameLimit } from './account.limits.js';

/** Runs a change of a username after a recent sign-in, within limits per account and per client. */
@Injectable()
export class RenameLimits {
  constructor(
    private readonly limits: RateLimits,
    private readonly enumeration: EnumerationLimit,
    private readonly throttledAudit: ThrottledAudit,
    private readonly recentSignIn: RecentSignIn,
  ) {}

  /**
   * @param isChanged whether the username differs; an unchanged one counts, but needs no recent sign-in
   * @throws AppError 403 auth.reauthentication_required; 429 users.too_many_renames; errors of the change
   */
  async admit<T>(
    principal: SessionPrincipal,
    isChanged: boolean,
    caller: Caller,
    change: () => Promise<T>,
  ): Promise<T> {
    const userId = principal.user.id;
    if (isChanged) this.recentSignIn.require(principal);
    const outcome = await this.limits.tryReserve(renameLimit, { account: userId }, caller);
    if (outcome.refused) {
      const event = { ...renameRefusedEvent(userId, caller), data: { reason: tooManyRenames.code } };
      await this.throttledAudit.record(`${userId}`, event);
      throw this.limits.refuse(renameLimit, outcome.resetSeconds);
    }
    return this.enumeration.run(renameLimit, caller, change);
  }
}

/** The audit event of a refused change, without its reason. */
export function renameRefusedEvent(userId: number, caller: Caller): NewAuditEvent {
  return { action: 'user.update_refused', outcome: 'failure', actorId: userId, subjectId: userId, caller };
}
