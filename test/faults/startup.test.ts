import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { revertMigration } from '../../src/migrations/commands.js';
import { schema } from '../../src/migrations/schema.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { occupiedPort, ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { silentLogger } from '../support/silent-logger.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';
import { until } from '../support/until.js';

// Many concurrent starts of Node, possibly on a machine with one core.
jest.setTimeout(90_000);

let build: ServiceBuild;
let running: ServiceProcess[] = [];
let database: DatabaseSettings;

const WAITING = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;

const waiting = async (processes: number) => (await query(database, WAITING)).length >= processes;

/** Names of all migrations, oldest first. */
const MIGRATIONS = Object.values(schema.migrations ?? []).map((migration: { name: string } | string) =>
  typeof migration === 'string' ? migration : migration.name,
);

const ranMigrations = async (): Promise<string[]> =>
  (await query<{ name: string }>(database, 'SELECT name FROM schema_migrations ORDER BY id')).map(({ name }) => name);

/** An uncommitted statement that blocks migrations at the first table that they create. */
const MEANWHILE = 'CREATE TABLE users (id INTEGER)';

async function holdMigration(statement = MEANWHILE): Promise<() => Promise<void>> {
  const obstacle = new pg.Client(database);
  await obstacle.connect();
  await obstacle.query(`BEGIN; ${statement}`);
  return () => obstacle.end();
}

const start = (variables: Record<string, string>) => {
  const service = build.start(variables);
  running.push(service);
  return service;
};

beforeAll(async () => {
  build = await ServiceBuild.make();
});
beforeEach(async () => {
  database = await createDatabase({ empty: true });
});
afterEach(async () => {
  for (const service of running) service.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  running = [];
  await dropDatabase(database);
});
afterAll(() => build.remove());

describe('a start on an empty database', () => {
  it('migrates and logs it, serves requests, and exits with 0 on SIGTERM', async () => {
    const service = start(variablesOf(database));
    const url = await service.ready();
    expect(service.output).toContain(`migrated the database: ${MIGRATIONS.join(', ')}`);
    expect((await send(url, '/health')).body).toEqual({ status: 'ok', database: 'up' });
    const { token } = await signedIn(url);
    expect((await send(url, '/api/v1/users/me', { token })).status).toBe(200);
    expect(await service.stop()).toBe(0);
    expect(service.message).toBe('');
    const again = start(variablesOf(database));
    await again.ready();
    expect(again.output).toContain('the database is up to date');
    again.kill('SIGINT');
    expect(await again.ended).toBe(0);
  });

  it('starts four processes at once, one of which migrates', async () => {
    await bringUpFour(await holdMigration());
    expect(await ranMigrations()).toEqual(MIGRATIONS);
  });
});

describe('a start on a database that is one migration behind', () => {
  it('starts four processes at once, one of which migrates', async () => {
    await migrate(database, schema, silentLogger);
    await revertMigration(database, silentLogger);
    expect(await ranMigrations()).toEqual(MIGRATIONS.slice(0, -1));
    await bringUpFour(await holdMigration('LOCK TABLE schema_migrations'));
    expect(await ranMigrations()).toEqual(MIGRATIONS);
  });
});

async function bringUpFour(release: () => Promise<void>): Promise<void> {
  const services = Array.from({ length: 4 }, () => start(variablesOf(database)));
  await until(() => waiting(4));
  await release();
  const urls = await Promise.all(services.map((service) => service.ready()));
  for (const url of urls) expect((await send(url, '/health')).body).toMatchObject({ database: 'up' });
  expect(services.filter(({ output }) => output.includes('migrated the database:'))).toHaveLength(1);
  expect(services.filter(({ output }) => output.includes('the database is up to date'))).toHaveLength(3);
  expect(await Promise.all(services.map((service) => service.stop()))).toEqual(Array(4).fill(0));
}

describe('an interrupted migration', () => {
  it('is run by the waiting process once the killed one has released the lock', async () => {
    const release = await holdMigration();
    const first = start(variablesOf(database));
    await until(() => waiting(1));
    const second = start(variablesOf(database));
    await second.said(/waiting for another process to finish the database migrations/);
    first.kill('SIGKILL');
    expect(await first.ended).toBe('SIGKILL');
    await release();
    await second.ready();
    expect(second.output).toContain(`migrated the database: ${MIGRATIONS.join(', ')}`);
    expect(await second.stop()).toBe(0);
  });
});

describe('a start without PostgreSQL', () => {
  it('logs that it waits for PostgreSQL, and continues once it is up', async () => {
    const { port, free } = await occupiedPort();
    await free();
    const service = start(variablesOf({ ...database, port }));
    await service.said(/waiting for PostgreSQL at 127\.0\.0\.1:\d+\/test_\w+: connect ECONNREFUSED/);
    const proxy = await TcpProxy.open(database.port, port);
    await service.ready();
    expect(await service.stop()).toBe(0);
    await proxy.close();
  });

  it('logs each reason once, and gives up after DB_WAIT_SECONDS', async () => {
    const { port, free } = await occupiedPort();
    await free();
    const service = start({ ...variablesOf({ ...database, port }), DB_WAIT_SECONDS: '1' });
    expect(await service.ended).toBe(1);
    expect(service.message).toMatch(/did not answer within 1 s \(DB_WAIT_SECONDS\): connect ECONNREFUSED/);
    expect(service.output.match(/waiting for PostgreSQL/g)).toHaveLength(1);
  });

  it('exits with 0 on SIGTERM', async () => {
    const { port, free } = await occupiedPort();
    await free();
    const service = start(variablesOf({ ...database, port }));
    await service.said(/waiting for PostgreSQL/);
    expect(await service.stop()).toBe(0);
  });
});

describe('a start that cannot succeed', () => {
  const SECRETS = /not-the-password|weak-key-0000/;

  it.each([
    [
      'a wrong password',
      { password: 'not-the-password' },
      /refused the connection: password authentication failed.*PGPASSWORD/,
    ],
    [
      'an unknown database',
      { database: 'no_such' },
      /database "no_such" does not exist; create it \(createdb no_such\)/,
    ],
  ])('prints one line and exits with 78 for %s', async (_what, wrong, message) => {
    const service = start(variablesOf({ ...database, ...wrong }));
    expect(await service.ended).toBe(78);
    expect(service.message).toMatch(message);
    expect(service.message.trim().split('\n')).toHaveLength(1);
    expect(service.output).not.toMatch(SECRETS);
  });

  it('lists every invalid setting in one message with secrets masked, and exits with 78', async () => {
    const service = start({
      ...variablesOf(database),
      APP_PORT: 'eighty',
      CORS_ORIGINS: 'http://localhost:3000',
      DATABASE_URL: 'mysql://user:not-the-password@host/db',
    });
    expect(await service.ended).toBe(78);
    expect(service.message).toMatch(/^3 settings are invalid, the service did not start:/);
    expect(service.message).toContain('APP_PORT holds "eighty"; expected a port from 0 to 65535');
    expect(service.message).toContain('DATABASE_URL holds **********; expected postgresql://');
    expect(service.output).not.toMatch(SECRETS);
    const weak = start({ ...variablesOf(database), SECRET_KEY: 'weak-key-0000' });
    expect(await weak.ended).toBe(78);
    expect(weak.message).toContain('SECRET_KEY cannot be used: it has 13 bytes, but HS256 needs at least 32');
    expect(weak.output).not.toMatch(SECRETS);
  });

  it('reports in one line that the port is in use, and exits with 1', async () => {
    const { port, free } = await occupiedPort();
    const service = start({ ...variablesOf(database), APP_PORT: String(port) });
    expect(await service.ended).toBe(1);
    expect(service.message).toBe(
      `The port is in use: another program listens on 127.0.0.1:${port}. Stop it, or set APP_PORT.\n`,
    );
    expect(await query(database, `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).toEqual(
      [],
    );
    await free();
  });

  it('reports a port in use before it waits for a database or creates one', async () => {
    const { port, free } = await occupiedPort();
    const dataDir = join(build.folder, 'data-of-an-occupied-port');
    const embedded = start({ DEBUG: 'True', DATA_DIR: dataDir, APP_PORT: String(port) });
    expect(await embedded.ended).toBe(1);
    expect(embedded.message).toContain(`another program listens on 127.0.0.1:${port}.`);
    expect(existsSync(dataDir)).toBe(false);
    const waiting = start({ ...variablesOf({ ...database, port: 1 }), APP_PORT: String(port) });
    expect(await waiting.ended).toBe(1);
    expect(waiting.output).not.toContain('waiting for PostgreSQL');
    await free();
  });

  it('reports an invalid APP_HOST before it migrates', async () => {
    const service = start({ ...variablesOf(database), APP_HOST: '203.0.113.1' });
    expect(await service.ended).toBe(1);
    expect(service.message).toBe('APP_HOST is not an address of this machine: 203.0.113.1.\n');
    expect(service.output).not.toContain('migrated');
  });

  it('names the privileges that the role lacks, and exits with 78', async () => {
    const user = `role_of_${database.database}`;
    await query(database, `CREATE ROLE ${user} LOGIN PASSWORD 'x'`);
    const service = start(variablesOf({ ...database, user, password: 'x' }));
    expect(await service.ended).toBe(78);
    expect(service.message).toContain(
      `  - CREATE on the schema public (GRANT USAGE, CREATE ON SCHEMA public TO ${user})\n`,
    );
    await query(database, `DROP ROLE ${user}`);
  });

  it('shows both readings of times without a zone, exits with 78, and accepts ADOPT_TIMEZONE', async () => {
    await query(
      database,
      `ALTER DATABASE ${database.database} SET timezone TO 'Europe/Berlin';
       CREATE TABLE users (id SERIAL PRIMARY KEY, username VARCHAR(50), hashed_password VARCHAR(255), created_at TIMESTAMP);
       INSERT INTO users (username, hashed_password, created_at) VALUES ('john', '', '2026-11-22 11:00')`,
    );
    const refused = start(variablesOf(database));
    expect(await refused.ended).toBe(78);
    expect(refused.message).toContain('  - written in Europe/Berlin, it is 2026-11-22T10:00:00Z\n');
    const adopting = start({ ...variablesOf(database), ADOPT_TIMEZONE: 'Europe/Berlin' });
    await adopting.ready();
    expect(await query(database, 'SELECT extract(epoch FROM created_at)::int AS at FROM users')).toEqual([
      { at: Date.parse('2026-11-22T10:00:00Z') / 1000 },
    ]);
    const wrong = start({ ...variablesOf(database), ADOPT_TIMEZONE: '+01:00' });
    expect(await wrong.ended).toBe(78);
    expect(wrong.message).toContain('ADOPT_TIMEZONE holds "+01:00"; expected a name such as UTC or Europe/Berlin');
  });

  it('lists colliding accounts, and exits with 78', async () => {
    await query(
      database,
      `CREATE TABLE users (id SERIAL PRIMARY KEY, username VARCHAR(50), hashed_password VARCHAR(255));
       INSERT INTO users (username, hashed_password) VALUES ('john', ''), ('John', '')`,
    );
    const service = start(variablesOf(database));
    expect(await service.ended).toBe(78);
    expect(service.message).toContain('username: id 1 "john", id 2 "John"');
  });
});
