import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import type { Caller } from '../platform/http/caller.js';

/** What is recorded once stands for everything within this time. */
const WINDOW_MS = 60_000;
/** Events of one process within that time: more keys than these are an attack of which a hundred tell enough. */
const MOST_EVENTS = 100;

/** Records that sign-ins are refused, so that a flood of them fills neither the audit log nor the memory. */
@Injectable()
export class ThrottledLogins {
  private readonly recorded = new Set<string>();
  private since = performance.now();

  constructor(private readonly audit: Audit) {}

  /** @param key of the budget that is used up: of an account, of a name that nobody has, or of a client */
  async record(key: string, subjectId: number | null, caller: Caller): Promise<void> {
    if (performance.now() - this.since >= WINDOW_MS) {
      this.since = performance.now();
      this.recorded.clear();
    }
    if (this.recorded.has(key) || this.recorded.size >= MOST_EVENTS) return;
    this.recorded.add(key);
    await this.audit.recordAlone({
      action: 'login.throttled',
      outcome: 'failure',
      actorId: null,
      subjectId,
      caller,
      data: { limit: key.startsWith('login:client:') ? 'client' : 'account' },
    });
  }
}
