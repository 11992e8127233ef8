import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { AuditAction } from './audit-actions.js';

const WINDOW_MS = 60_000;
/** Events of one action that a process records in a minute. */
const MAX_EVENTS = 100;

interface Counted {
  recorded: number;
  omitted: number;
}

/** Reports how many events of an action were omitted in the last window. */
export type ReportOmitted = (action: AuditAction, events: number) => Promise<void>;

/**
 * Bounds the events without a subject, which strangers can cause without limit: 100 a minute of each action in a
 * process. They are counted by action, so that a flood of one kind does not hide another kind.
 */
@Injectable()
export class AnonymousEventLimit implements OnModuleDestroy {
  private counted = new Map<AuditAction, Counted>();
  private report: ReportOmitted = async () => undefined;
  private readonly reporting = setInterval(() => void this.endWindow(), WINDOW_MS).unref();

  reportTo(report: ReportOmitted): void {
    this.report = report;
  }

  /** Counts an event. @returns whether to record it */
  admit(action: AuditAction): boolean {
    const counted = this.counted.get(action) ?? { recorded: 0, omitted: 0 };
    this.counted.set(action, counted);
    const isAdmitted = counted.recorded < MAX_EVENTS;
    counted[isAdmitted ? 'recorded' : 'omitted'] += 1;
    return isAdmitted;
  }

  /** Begins a new window and reports the events omitted in the last one. */
  async endWindow(): Promise<void> {
    const ended = this.counted;
    this.counted = new Map();
    for (const [action, { omitted }] of ended) if (omitted > 0) await this.report(action, omitted);
  }

  /** Also reports the events omitted in the last minute of a process. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.reporting);
    await this.endWindow();
  }
}
