import { unsupportedVariables } from './connection-parameters.js';
import type { PlatformSettings } from './platform-settings.js';

/** Problems that involve several database settings, or libpq variables that the service does not support. */
export function problemsOfDatabase(
  { DATABASE_URL, DATABASE_DIRECT_URL, DATABASE_POOL_MODE, PGHOST, WORKER }: PlatformSettings,
  unreadable: ReadonlySet<string>,
  read: (variable: string) => string | undefined,
): string[] {
  // The embedded PostgreSQL ignores libpq variables.
  const isExternal = Boolean(DATABASE_URL || PGHOST);
  const problems = isExternal ? unsupportedVariables(read) : [];
  if (!isExternal && DATABASE_DIRECT_URL && !unreadable.has('DATABASE_URL')) {
    problems.push('DATABASE_DIRECT_URL is set but DATABASE_URL is not; expected both, or DATABASE_URL alone');
  }
  const isDirect = Boolean(DATABASE_DIRECT_URL) || unreadable.has('DATABASE_DIRECT_URL');
  if (isExternal && DATABASE_POOL_MODE === 'transaction' && !isDirect && WORKER === 'only') {
    problems.push(
      'WORKER=only runs jobs, which need a PostgreSQL session; expected DATABASE_DIRECT_URL, because DATABASE_POOL_MODE is transaction',
    );
  }
  return problems;
}

/**
 * Sets WORKER to off if the process has no PostgreSQL session. Without one it cannot listen for jobs or hold the
 * advisory lock that shows that it is alive.
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
