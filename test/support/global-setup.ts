import './resolve-typescript.cjs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { schema } from '../../src/migrations/schema.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/dev-database/embedded-postgres.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { silentLogger } from './silent-logger.js';
import { settingsOf, TEMPLATE } from './test-databases.js';

declare global {
  var testPostgres: { server: EmbeddedPostgres; dataDir: string } | undefined;
}

/** Fast but unsafe: the data of tests need not survive a crash of the machine. */
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };

/** One PostgreSQL for all tests, with a template database that is migrated once; each Jest worker clones it. */
export default async function globalSetup(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nest-auth-test-'));
  const server = await startEmbeddedPostgres({
    dataDir,
    database: TEMPLATE,
    settings: FAST,
    log: () => undefined,
  });
  globalThis.testPostgres = { server, dataDir };
  const { host, port, user, password } = server;
  process.env.TEST_POSTGRES = JSON.stringify({ host, port, user, password });
  await migrate(settingsOf(TEMPLATE), schema, silentLogger);
  const client = new pg.Client({ host, port, user, password, database: 'postgres' });
  await client.connect();
  await client.query(`ALTER DATABASE ${TEMPLATE} IS_TEMPLATE true ALLOW_CONNECTIONS false`);
  await client.end();
}
