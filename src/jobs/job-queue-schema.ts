import { Logger as NestLogger } from '@nestjs/common';
import type pg from 'pg';

/** Of graphile-worker, which brings its tables, functions and migrations along. */
export const QUEUE_SCHEMA = 'graphile_worker';

/**
 * Brings the queue's own schema to what the installed graphile-worker needs. May be run again, and goes on where it was
 * cut off: each step of it is a transaction, and remembered in a table of that schema.
 *
 * @param pool with a free connection, of a role that may create schemas
 */
export async function installQueue(pool: pg.Pool): Promise<void> {
  // Not before: every start passes here, and loading the library takes as long as connecting.
  const [{ runMigrations }, { libraryLogger }] = await Promise.all([
    import('graphile-worker'),
    import('./library-logger.js'),
  ]);
  const log = new NestLogger('Jobs');
  await runMigrations({ pgPool: pool, schema: QUEUE_SCHEMA, logger: libraryLogger((fields) => log.warn(fields)) });
}
