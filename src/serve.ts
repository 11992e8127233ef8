import type { Logger } from 'pino';
import { createApp } from './app.setup.js';
import { schema } from './migrations/schema.js';
import type { Environment } from './platform/config/environment.js';
import { migrateAndSay, reachDatabase } from './platform/database/reach-database.js';
import { welcome } from './welcome.js';

export interface Service {
  /** Origin under which this machine reaches the service. */
  url: string;
  /** Ends what is in flight, then the connections, then the embedded database. */
  close(): Promise<void>;
}

/** Starts the whole service: database, schema, application, port. */
export async function serve(environment: Environment, logger: Logger): Promise<Service> {
  const database = await reachDatabase(environment, logger);
  try {
    await migrateAndSay(database.settings, schema, logger);
    const app = await createApp(environment, database.settings, logger);
    await app.listen({ port: environment.APP_PORT, host: environment.APP_HOST });
    const url = `http://localhost:${new URL(await app.getUrl()).port || 80}`;
    logger.info({ url }, `listening on ${environment.APP_HOST}, ready in ${Math.round(process.uptime() * 1000)} ms`);
    if (environment.DEBUG) process.stdout.write(welcome(url));
    return {
      url,
      close: async () => {
        await app.close();
        await database.stop();
      },
    };
  } catch (error) {
    await database.stop();
    throw error;
  }
}
