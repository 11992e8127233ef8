import { parseCronItems, type ParsedCronItem } from 'graphile-worker';
import { MAX_ATTEMPTS } from './job-queue.js';

/**
 * The schedules of `@Scheduled` for graphile-worker. At most one job of each schedule waits, and missed times are
 * skipped.
 */
export function cronItems(schedules: ReadonlyMap<string, string>): ParsedCronItem[] {
  return parseCronItems(
    [...schedules].map(([name, match]) => ({
      task: name,
      match,
      identifier: name,
      options: { backfillPeriod: 0, maxAttempts: MAX_ATTEMPTS, jobKey: `schedule ${name}`, jobKeyMode: 'replace' },
    })),
  );
}
