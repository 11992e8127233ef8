import { ConfigurationError } from '../platform/config/configuration-error.js';
import type { DatabaseSettings } from '../platform/config/database-settings.js';
import { DatabaseClient } from '../platform/database/database-client.js';
import { connectionOptions } from '../platform/database/pg-client.js';
import { visible } from '../platform/logging/control-characters.js';
import { listFailedJobs, MOST_LISTED, retryFailedJobs } from './failed-jobs.js';

type Query = <T>(sql: string, parameters: unknown[]) => Promise<T>;

/** Dead letters as an operator reads them: a line each. */
export async function showFailedJobs(settings: DatabaseSettings): Promise<string> {
  const jobs = await onQueue(settings, listFailedJobs);
  if (jobs.length === 0) return 'No job has failed for good.';
  const lines = jobs.map(({ id, name, attempts, created, error }) => {
    const reason = visible(error) || 'its process ended at the last try';
    return `${id.padStart(8)}  ${name}  of ${created}, ${attempts} tries: ${reason}`;
  });
  if (jobs.length === MOST_LISTED) lines.push(`These are the oldest ${MOST_LISTED}; there may be more.`);
  return [...lines, 'jobs:retry ID, or jobs:retry --all, has them done.'].join('\n');
}

/**
 * @param which the id of a dead letter, or `--all`
 * @throws ConfigurationError for what is no such id
 */
export async function retryJobs(settings: DatabaseSettings, _logger: unknown, which: string): Promise<string> {
  if (which !== '--all' && !/^\d{1,18}$/.test(which)) {
    throw new ConfigurationError('jobs:retry wants the id of a job that failed, as jobs:failed lists them, or --all.');
  }
  const chosen = which === '--all' ? ('all' as const) : { id: which };
  const count = await onQueue(settings, (database) => retryFailedJobs(database, chosen));
  if (count === 0 && which !== '--all') throw new ConfigurationError(`No job ${which} has failed for good.`);
  if (count === 0) return 'No job has failed for good.';
  return `${count} ${count === 1 ? 'job is' : 'jobs are'} tried again, as soon as a process does jobs.`;
}

async function onQueue<T>(settings: DatabaseSettings, work: (database: { query: Query }) => Promise<T>): Promise<T> {
  const client = new DatabaseClient(connectionOptions(settings));
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work({
      query: async <R>(sql: string, values: unknown[]) => (await client.query(sql, values)).rows as R,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}
