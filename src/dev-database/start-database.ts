import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { type DatabaseSettings, databaseSettings } from '../platform/config/database-settings.js';
import type { PlatformSettings } from '../platform/config/platform-settings.js';
import { migrate, type Schema } from '../platform/database/migrate.js';
import { describeDatabase, waitForDatabase } from '../platform/database/wait-for-database.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';

/** A running database. `stop` stops the embedded one. */
export interface RunningDatabase {
  settings: DatabaseSettings;
  stop(): Promise<void>;
}

/** Waits for the configured PostgreSQL, or starts the embedded one if none is configured. */
export async function startDatabase(platform: PlatformSettings, logger: Logger): Promise<RunningDatabase> {
  const configured = databaseSettings(platform);
  if (configured) {
    const settings = await waitForDatabase(configured, platform.DB_WAIT_SECONDS, logger);
    return { settings, stop: async () => undefined };
  }
  const embedded = await startEmbeddedPostgres({
    dataDir: resolve(platform.DATA_DIR),
    database: platform.PGDATABASE,
    log: (line) => logger.info(line),
  });
  const { host, port, user, password, database } = embedded;
  const settings = {
    host,
    port,
    user,
    password,
    database,
    sslMode: 'disable' as const,
    certificateAuthority: undefined,
  };
  logger.info(`no database is configured: started the embedded PostgreSQL at ${describeDatabase(settings)}`);
  return { settings, stop: () => embedded.stop() };
}

/** Brings the schema up to date and logs the migrations. */
export async function migrateAndLog(settings: DatabaseSettings, schema: Schema, logger: Logger): Promise<void> {
  const ran = await migrate(settings, schema, logger);
  logger.info(ran.length === 0 ? 'the database is up to date' : `migrated the database: ${ran.join(', ')}`);
}
