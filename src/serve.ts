import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { schema } from './migrations/schema.js';
import type { Environment } from './platform/config/environment.js';
import { migrateAndSay, reachDatabase } from './platform/database/reach-database.js';
import { originOf, welcome } from './welcome.js';

export interface Service {
  /** Origin under which this machine reaches the service. */
  url: string;
  /** Ends what is in flight, then the connections, then the embedded database. */
  close(): Promise<void>;
}

/** Starts the whole service: database, schema, application, port. */
export async function serve(environment: Environment, logger: Logger): Promise<Service> {
  // Loading the application's modules takes as long as reaching the database: both at once.
  const loading = import('./app.setup.js');
  const database = await reachDatabase(environment, logger);
  try {
    await migrateAndSay(database.settings, schema, logger);
    const { createApp } = await loading;
    const app = await createApp(environment, database.settings, logger);
    await listen(app, environment);
    const url = originOf(environment.APP_HOST, Number(new URL(await app.getUrl()).port || 80));
    announce(url, environment, logger);
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

async function listen(app: NestFastifyApplication, { APP_PORT, APP_HOST }: Environment): Promise<void> {
  try {
    await app.listen({ port: APP_PORT, host: APP_HOST });
  } catch (error) {
    await app.close();
    throw error;
  }
}

function announce(url: string, { APP_HOST, DEBUG, DOCS_ENABLED }: Environment, logger: Logger): void {
  const pages = DOCS_ENABLED ? { docs: `${url}/docs`, redoc: `${url}/redoc` } : {};
  const readyMs = Math.round(process.uptime() * 1000);
  logger.info({ url, ...pages }, `listening on ${APP_HOST}, ready in ${readyMs} ms`);
  // A terminal means a person: without DEBUG the log lines are for machines.
  if (DEBUG || process.stdout.isTTY) process.stdout.write(welcome(url, { docs: DOCS_ENABLED }));
}
