import { Logger as NestLogger } from '@nestjs/common';
import type pg from 'pg';

/** The database schema of graphile-worker, with its own tables, functions and migrations. */
export const QUEUE_SCHEMA = 'graphile_worker';

/**
 * Migrates the schema of the queue to the installed version of graphile-worker. Each step runs in a transaction and is
 * recorded in the schema, so an interrupted migration continues where it stopped.
 *
 * @param pool with a free connection of a role that may create schemas
 */
export async function migrateQueueSchema(pool: pg.Pool): Promise<void> {
  // Loaded on demand, because importing the library takes as long as connecting.
  const [{ runMigrations }, { graphileLogger }] = await Promise.all([
    import('graphile-worker'),
    import('./graphile-logger.js'),
  ]);
  const log = new NestLogger('Jobs');
  await runMigrations({ pgPool: pool, schema: QUEUE_SCHEMA, logger: graphileLogger((fields) => log.warn(fields)) });
}
