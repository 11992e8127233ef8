import { Injectable } from '@nestjs/common';
import type { AuditAction } from './audit-actions.js';
import { AuditWriter, type NewAuditEvent } from './audit-writer.js';

/** One recorded event stands for all others of its key within this time. */
const WINDOW_MS = 60_000;
/** Most events of one action that a process records within that time. A hundred are enough to show an attack. */
const MAX_EVENTS = 100;

/** Records refusals that a client can repeat at will, so that they fill neither the audit log nor the memory. */
@Injectable()
export class ThrottledAudit {
  private readonly recorded = new Map<AuditAction, Set<string>>();
  private since = performance.now();

  constructor(private readonly audit: AuditWriter) {}

  /**
   * Records the first event of a key in a minute. Never throws.
   *
   * @param key what an event stands for: a session, an account, a budget
   */
  async record(key: string, event: NewAuditEvent): Promise<void> {
    if (performance.now() - this.since >= WINDOW_MS) {
      this.since = performance.now();
      this.recorded.clear();
    }
    const keys = this.recorded.get(event.action) ?? new Set();
    if (keys.has(key) || keys.size >= MAX_EVENTS) return;
    this.recorded.set(event.action, keys.add(key));
    await this.audit.recordStandalone(event);
  }
}
