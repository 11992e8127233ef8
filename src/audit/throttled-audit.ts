import { Injectable } from '@nestjs/common';
import type { AuditAction } from './audit-actions.js';
import { AuditWriter, type NewAuditEvent } from './audit-writer.js';

/** One event per key is recorded in this time. */
const WINDOW_MS = 60_000;
/** Maximum number of events of one action that a process records in this time. 100 are enough to show an attack. */
const MAX_EVENTS = 100;

/** Records refusals that a client can repeat at will, with bounded use of the audit log and of memory. */
@Injectable()
export class ThrottledAudit {
  private readonly recorded = new Map<AuditAction, Set<string>>();
  private since = performance.now();

  constructor(private readonly audit: AuditWriter) {}

  /**
   * Records the first event of a key per minute. Never throws.
   *
   * @param key identifies equal events, for example by a session, an account or a budget
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
