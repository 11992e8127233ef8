import type { Logger } from 'pino';
import type { DatabaseSettings } from '../platform/config/database-settings.js';
import type { Environment } from '../settings/environment.js';

/** What a command knows that works on the database of the settings. */
export interface DatabaseContext {
  readonly environment: Environment;
  readonly database: DatabaseSettings;
  readonly logger: Logger;
}

/** Waits for the database of the settings, or starts the embedded one until the work is done. */
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
