import type { Logger } from 'pino';
import type { DatabaseSettings } from '../platform/config/database-settings.js';
import type { Environment } from '../settings/environment.js';

/** The context of a command that uses the database. */
export interface DatabaseContext {
  readonly environment: Environment;
  readonly database: DatabaseSettings;
  readonly logger: Logger;
}

/** Runs the work with the configured database, for which it waits, or with the embedded one. */
export async function withDatabase<T>(
  variables: NodeJS.ProcessEnv,
  work: (context: DatabaseContext) => Promise<T>,
): Promise<T> {
  const { loadEnvironment } = await import('../settings/load-environment.js');
  const { createLogger } = await import('../platform/logging/logger.js');
  const { startDatabase } = await import('../dev-database/start-database.js');
  const { environment } = loadEnvironment(variables);
  const logger = createLogger({ level: environment.LOG_LEVEL, readable: true });
  const database = await startDatabase(environment, logger);
  try {
    return await work({ environment, database: database.settings, logger });
  } finally {
    await database.stop();
  }
}
