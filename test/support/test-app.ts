import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from '../../src/app.module.js';
import { setUp } from '../../src/app.setup.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { Environment } from '../../src/settings/environment.js';
import { loadEnvironment } from '../../src/settings/load-environment.js';
import { JobRunner } from '../../src/jobs/job-runner.js';
import { silentLogger } from './silent-logger.js';
import { createDatabase, dropDatabase, query } from './test-databases.js';

/** A secret for tests, long enough for every algorithm. */
export const TEST_SECRET = 'a-secret-that-only-the-tests-know-and-that-is-long-enough-for-HS512-too';

/** bcrypt's lowest cost, which the settings would refuse. The tests do not depend on the cost. */
const TEST_BCRYPT_ROUNDS = 4;

export interface TestAppOptions {
  /** Settings that differ from the defaults. */
  settings?: Record<string, string>;
  /** Additional modules. */
  imports?: DynamicModule['imports'];
  /** An existing database instead of a fresh copy of the template. */
  database?: DatabaseSettings;
  logger?: Logger;
  bcryptRounds?: number;
}

/**
 * The service on a separate database, listening on a free loopback port. Only one at a time per process: passport's
 * strategies are global, so a second service would take over the sign-ins and tokens of the first.
 */
export class TestApp {
  private constructor(
    readonly nest: NestFastifyApplication,
    readonly database: DatabaseSettings,
    readonly environment: Environment,
    /** `http://127.0.0.1:12345` */
    readonly url: string,
    private readonly ownsDatabase: boolean,
    private readonly dataDir: string,
  ) {}

  static async start(options: TestAppOptions = {}): Promise<TestApp> {
    const database = options.database ?? (await createDatabase());
    const dataDir = mkdtempSync(join(tmpdir(), 'nest-auth-app-'));
    const environment = testEnvironment(options, dataDir);
    const root = AppModule.forRoot(environment, database);
    const module = { ...root, imports: [...(root.imports ?? []), ...(options.imports ?? [])] };
    const logger = options.logger ?? silentLogger;
    const nest = await setUp(module, environment, logger);
    await nest.listen({ port: 0, host: '127.0.0.1' });
    nest.get(JobRunner).start(logger);
    return new TestApp(nest, database, environment, await nest.getUrl(), options.database === undefined, dataDir);
  }

  /** Runs SQL directly on the service's database. */
  async sql<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]> {
    return query<Row>(this.database, sql, values);
  }

  async stop(): Promise<void> {
    await this.nest.close();
    rmSync(this.dataDir, { recursive: true, force: true });
    if (this.ownsDatabase) await dropDatabase(this.database);
  }
}

function testEnvironment(
  { settings, bcryptRounds = TEST_BCRYPT_ROUNDS }: TestAppOptions,
  dataDir: string,
): Environment {
  const { environment } = loadEnvironment({
    SECRET_KEY: TEST_SECRET,
    PGHOST: 'passed to the application directly',
    ENV_FILE: '/dev/null',
    DATA_DIR: dataDir,
    // All requests come from one address.
    RATE_LIMIT: 'off',
    // Tests of jobs enable the worker.
    WORKER: 'off',
    // On a busy machine, concurrent requests wait longer for a connection than production allows.
    DB_CONNECT_TIMEOUT_MS: '30000',
    ...settings,
  });
  return Object.assign(environment, { BCRYPT_ROUNDS: bcryptRounds });
}
