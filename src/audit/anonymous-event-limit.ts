import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { AuditAction } from './audit-actions.js';

const WINDOW_MS = 60_000;
/** Maximum number of events of one action that a process records per minute. */
const MAX_EVENTS = 100;

interface Counts {
  recorded: number;
  omitted: number;
}

/** Reports how many events of an action were omitted in the last window. */
export type ReportOmitted = (action: AuditAction, events: number) => Promise<void>;

/**
 * Limits events without a subject, which unauthenticated clients can cause at will, to 100 per minute, action and
 * process. Each action has its own count, so a flood of one action does not suppress another.
 */
@Injectable()
export class AnonymousEventLimit implements OnModuleDestroy {
  private counts = new Map<AuditAction, Counts>();
  private report: ReportOmitted = async () => undefined;
  private readonly reporting = setInterval(() => void this.endWindow(), WINDOW_MS).unref();

  reportTo(report: ReportOmitted): void {
    this.report = report;
  }

  /** Counts an event. @returns whether to record it */
  admit(action: AuditAction): boolean {
    const counts = this.counts.get(action) ?? { recorded: 0, omitted: 0 };
    this.counts.set(action, counts);
    const isAdmitted = counts.recorded < MAX_EVENTS;
    counts[isAdmitted ? 'recorded' : 'omitted'] += 1;
    return isAdmitted;
  }

  /** Starts a new window and reports the events that were omitted in the last one. */
  async endWindow(): Promise<void> {
    const ended = this.counts;
    this.counts = new Map();
    for (const [action, { omitted }] of ended) if (omitted > 0) await this.report(action, omitted);
  }

  /** Reports the events that were omitted in the last window of the process. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.reporting);
    await this.endWindow();
  }
}
