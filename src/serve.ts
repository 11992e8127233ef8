import cluster from 'node:cluster';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { migrateAndLog, startDatabase } from './dev-database/start-database.js';
import { schemaFor } from './migrations/schema.js';
import { databaseSettings } from './platform/config/database-settings.js';
import { checkConnectionBudget, refuseSharedEmbeddedDatabase } from './platform/database/connection-budget.js';
import { checkRoleParameters } from './platform/database/pooler.js';
import { DrainState } from './platform/http/drain-state.js';
import { drainTimes } from './platform/http/drain-times.js';
import type { ErrorType } from './platform/http/error-catalogue.js';
import { probePort } from './platform/http/port-probe.js';
import { type DrainOptions, ServerDrain } from './platform/http/server-drain.js';
import { ProcessFaults } from './platform/metrics/process-faults.js';
import type { Environment } from './settings/environment.js';
import { originOf, welcome } from './welcome.js';

/** Time at the end of the drain for returning unfinished jobs to the queue. */
const JOBS_CLOSING_MS = 1000;

export interface Service {
  /** Origin of the service on this machine. */
  url: string;
  /**
   * Finishes the requests in flight and the running jobs, then closes the connections and the embedded database.
   *
   * @param refusal the response to requests that do not finish in time
   */
  close(refusal: ErrorType): Promise<void>;
  /** The counters of uncaught errors. */
  faults: ProcessFaults;
}

/** Starts the service: the database, the migrations, the application and the port. */
export async function serve(environment: Environment, logger: Logger, access: Logger): Promise<Service> {
  // The port is checked before a database is created or migrated. The workers of a cluster share it.
  if (!cluster.isWorker) await probePort(environment.APP_HOST, environment.APP_PORT);
  // Loads the modules while the database starts, because both take about the same time.
  const loading = Promise.all([import('./app.setup.js'), import('./jobs/job-runner.js')]);
  if (!databaseSettings(environment)) refuseSharedEmbeddedDatabase(environment);
  const database = await startDatabase(environment, logger);
  try {
    await checkRoleParameters(database.settings, environment);
    await checkConnectionBudget(database.settings, environment, logger);
    await migrateAndLog(database.settings, schemaFor(environment), logger);
    const [{ createApp }, { JobRunner }] = await loading;
    const app = await createApp(environment, database.settings, logger, access);
    const drain = new ServerDrain(app.getHttpServer());
    await listen(app, environment);
    const url = originOf(environment.APP_HOST, Number(new URL(await app.getUrl()).port || 80));
    announce(url, environment, logger);
    const jobs = app.get(JobRunner);
    jobs.start(logger);
    return {
      url,
      faults: app.get(ProcessFaults),
      close: async (refusal) => {
        app.get(DrainState).begin();
        const times = drainTimes(environment);
        const jobsEnded = jobs.stop(Math.max(0, times.totalMs - JOBS_CLOSING_MS));
        await endRequests(drain, { ...times, refusal }, logger);
        await jobsEnded;
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

async function endRequests(drain: ServerDrain, options: DrainOptions, logger: Logger): Promise<void> {
  const onClosed = (): void =>
    logger.info({ requests: drain.requestsInFlight }, 'no longer listening, waiting for the requests in flight');
  const cut = await drain.drain({ ...options, onClosed });
  if (cut > 0) logger.warn({ cut }, `cut ${cut} connections whose requests did not end in time (DRAIN_SECONDS)`);
}

function announce(url: string, environment: Environment, logger: Logger): void {
  const { APP_HOST, DEBUG, WORKER } = environment;
  const hasPages = environment.DOCS_ENABLED && WORKER !== 'only';
  const pages = hasPages ? { docs: `${url}/docs`, redoc: `${url}/redoc` } : {};
  const readyMs = Math.round(process.uptime() * 1000);
  logger.info({ url, ...pages }, `listening on ${APP_HOST}, ready in ${readyMs} ms`);
  // The welcome is for people: in development, and at a terminal.
  if (!DEBUG && !process.stdout.isTTY) return;
  logger.flush();
  process.stdout.write(welcome(url, { docs: hasPages }));
}
