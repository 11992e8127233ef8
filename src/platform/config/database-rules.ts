import { unsupportedVariables } from './connection-parameters.js';
import type { PlatformSettings } from './platform-settings.js';

/** Problems of combinations of database settings, and of libpq's variables that are not settings. */
export function problemsOfDatabase(
  { DATABASE_URL, DATABASE_DIRECT_URL, DATABASE_POOL_MODE, PGHOST, WORKER }: PlatformSettings,
  unreadable: ReadonlySet<string>,
  read: (variable: string) => string | undefined,
): string[] {
  // The embedded PostgreSQL uses none of them.
  const isOutside = Boolean(DATABASE_URL || PGHOST);
  const problems = isOutside ? unsupportedVariables(read) : [];
  if (!isOutside && DATABASE_DIRECT_URL && !unreadable.has('DATABASE_URL')) {
    problems.push('DATABASE_DIRECT_URL is set and DATABASE_URL is not; expected both, or DATABASE_URL alone');
  }
  const isDirect = Boolean(DATABASE_DIRECT_URL) || unreadable.has('DATABASE_DIRECT_URL');
  if (isOutside && DATABASE_POOL_MODE === 'transaction' && !isDirect && WORKER === 'only') {
    problems.push(
      'WORKER=only runs jobs, which need a session of PostgreSQL; expected DATABASE_DIRECT_URL, because DATABASE_POOL_MODE is transaction',
    );
  }
  return problems;
}

/**
 * Turns off jobs if there is no session of PostgreSQL: jobs need LISTEN, and locks as the heartbeat of a worker.
 *
 * @returns warnings
 */
export function turnOffJobs(environment: PlatformSettings): string[] {
  const { DATABASE_URL, DATABASE_DIRECT_URL, DATABASE_POOL_MODE, PGHOST, WORKER } = environment;
  const isWithoutSession =
    DATABASE_POOL_MODE === 'transaction' && !DATABASE_DIRECT_URL && Boolean(DATABASE_URL || PGHOST);
  if (!isWithoutSession || WORKER !== 'embedded') return [];
  Object.assign(environment, { WORKER: 'off' });
  return [
    'this process runs no jobs (WORKER=off): DATABASE_POOL_MODE is transaction, and jobs need DATABASE_DIRECT_URL; another process must run them',
  ];
}
