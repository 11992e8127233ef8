import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { schema } from '../../src/migrations/schema.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { Doctor, production } from '../support/doctor-process.js';
import { DedicatedPostgres } from '../support/dedicated-postgres.js';
import { schemaSnapshot } from '../support/schema-snapshot.js';
import { silentLogger } from '../support/silent-logger.js';
import { query, urlOf } from '../support/test-databases.js';

// Each test starts Node several times, possibly on a machine with one core.
jest.setTimeout(60_000);

const ROLE = 'auth';
const PASSWORD = randomBytes(18).toString('base64url');

let doctor: Doctor;
let postgres: DedicatedPostgres;
/** The database, with the service's role, which owns it. */
let database: DatabaseSettings;

const asAdmin = (sql: string) => query({ ...postgres.settings, database: 'accounts' }, sql);
const findings = (more: Record<string, string> = {}) => doctor.findings(production(database, more));

beforeAll(async () => {
  // Without the settings that make other tests fast, since the doctor reports them.
  [doctor, postgres] = await Promise.all([Doctor.make(), DedicatedPostgres.start({})]);
  await query(postgres.settings, `CREATE ROLE ${ROLE} LOGIN PASSWORD '${PASSWORD}'`);
  database = { ...postgres.settings, database: 'accounts', user: ROLE, password: PASSWORD };
});
beforeEach(async () => {
  await query(postgres.settings, 'DROP DATABASE IF EXISTS accounts WITH (FORCE)');
  await query(postgres.settings, `CREATE DATABASE accounts OWNER ${ROLE}`);
  await migrate(database, schema, silentLogger);
});
afterAll(async () => {
  doctor.remove();
  await postgres.stop();
});

describe('the doctor with a healthy service', () => {
  it('reports no failure, exits with 0 and describes what it checked', async () => {
    const { exitCode, said } = await findings();
    expect(Object.entries(said).filter(([, text]) => text.startsWith('fail'))).toEqual([]);
    expect(exitCode).toBe(0);
    expect(said).toMatchObject({
      settings: 'pass: every setting is valid, read from the process',
      'secret-key': 'pass: 64 bytes for HS256, which needs 32',
      database: expect.stringMatching(/^pass: PostgreSQL 18\..* as auth$/) as string,
      'database-password': 'pass: 24 characters',
      'database-authentication': 'pass: the server requires a SCRAM proof of the password',
      'database-role': 'info: auth owns the database, so a start can run migrations',
      'database-tls': 'pass: the database is on this machine',
      'database-migrations': 'pass: the schema is up to date',
      'database-connections': expect.stringMatching(/^pass: the service opens at most \d+ of the \d+/) as string,
      'database-durability': 'pass: committed data survives a crash',
      'database-clock': expect.stringMatching(/^pass: .* 0\.\d s apart$/) as string,
      'cors-origins': 'pass: https://app.example',
    });
  });

  it('prints readable text, without colours if stdout is not a terminal', async () => {
    const { exitCode, stdout, stderr } = await doctor.run(production(database));
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Settings\n {2}pass {2}settings +every setting is valid/);
    expect(stdout).toMatch(/\n\d+ passed, \d+ notes, \d+ warnings?, 0 failures\nReady for production\.\n$/);
    expect(stdout).not.toContain('\x1b');
  });

  it('changes nothing: no table, no folder, no file', async () => {
    await asAdmin('DROP SCHEMA public, graphile_worker CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner');
    const before = await schemaSnapshot(database);
    const { stdout } = await doctor.run(production(database, { LOG_DIR: join(doctor.folder, 'logs') }));
    expect(stdout).toMatch(/warn {2}database-migrations +pending: CreateUsers/);
    expect(stdout).toMatch(/log-dir +\/.*\/logs, which will be created, can be written/);
    expect(await schemaSnapshot(database)).toEqual(before);
    expect(readdirSync(doctor.folder)).toEqual([]);
  });
});

describe('the doctor with an unhealthy service', () => {
  it('exits with 1', async () => {
    const { exitCode, stdout } = await doctor.run(production(database, { RATE_LIMIT: 'off' }));
    expect([exitCode, stdout.trimEnd().split('\n').at(-1)]).toEqual([
      1,
      'Not ready for production: fix the failures first.',
    ]);
  });

  it('reports a failure for each setting that exposes the service', async () => {
    await asAdmin(`ALTER ROLE ${ROLE} PASSWORD 'postgres'`);
    const { exitCode, said } = await findings({
      DATABASE_URL: urlOf({ ...database, password: 'postgres' }),
      CORS_ORIGINS: '["*"]',
      RATE_LIMIT: 'off',
    });
    await asAdmin(`ALTER ROLE ${ROLE} PASSWORD '${PASSWORD}'`);
    expect(exitCode).toBe(1);
    expect(said).toMatchObject({
      'database-password': 'fail: the password of the database is a common password',
      'cors-origins': 'fail: every website may read the responses: CORS_ORIGINS contains *',
      'rate-limit': 'fail: RATE_LIMIT is off: password guessing is not limited',
    });
    const debug = await findings({ DEBUG: 'True', APP_HOST: '0.0.0.0' });
    expect([debug.exitCode, debug.said.debug]).toEqual([
      1,
      'fail: DEBUG is on, and APP_HOST=0.0.0.0 accepts connections from other machines',
    ]);
  });

  it('reports a failure for a superuser and a warning for unneeded privileges', async () => {
    const superuser = urlOf({ ...postgres.settings, database: 'accounts' });
    const { exitCode, said } = await findings({ DATABASE_URL: superuser });
    expect([exitCode, said['database-role']]).toEqual([
      1,
      'fail: postgres is a superuser: an injected statement controls the whole server',
    ]);
    await asAdmin(`ALTER ROLE ${ROLE} CREATEDB; GRANT pg_read_server_files TO ${ROLE}`);
    const spare = await findings();
    await asAdmin(`ALTER ROLE ${ROLE} NOCREATEDB; REVOKE pg_read_server_files FROM ${ROLE}`);
    expect(spare.said['database-role']).toBe(
      'warn: auth has rights that the service does not need: CREATEDB, pg_read_server_files',
    );
  });

  it('passes a role that owns nothing, and warns about its connection limit', async () => {
    await asAdmin(`ALTER DATABASE accounts OWNER TO postgres; ALTER ROLE ${ROLE} CONNECTION LIMIT 20`);
    const { said } = await findings();
    await asAdmin(`ALTER ROLE ${ROLE} CONNECTION LIMIT -1`);
    expect(said['database-role']).toBe('pass: auth is an ordinary role');
    expect(said['database-connections']).toMatch(
      /^warn: PostgreSQL grants 20 connections \(CONNECTION LIMIT of the role auth\)/,
    );
  });

  it('reports a failure for a database that the service cannot write or adopt', async () => {
    await asAdmin(
      `ALTER TABLE users OWNER TO postgres; REVOKE ALL ON users FROM ${ROLE}; GRANT SELECT ON users TO ${ROLE}`,
    );
    expect((await findings()).said['database-migrations']).toBe(
      'fail: the role auth lacks INSERT, UPDATE, DELETE on the table users',
    );
    // As after an upgrade whose migrations a superuser ran.
    await asAdmin(
      `GRANT ALL ON users TO ${ROLE}; ALTER TABLE hash_demands OWNER TO postgres; REVOKE ALL ON hash_demands FROM ${ROLE}`,
    );
    expect((await findings()).said['database-migrations']).toBe(
      'fail: the role auth lacks SELECT, INSERT, UPDATE, DELETE on the table hash_demands',
    );
    await asAdmin(
      'DROP TABLE schema_migrations, users CASCADE; CREATE TABLE users (id uuid); GRANT ALL ON users TO PUBLIC',
    );
    expect((await findings()).said['database-migrations']).toMatch(
      /^fail: The role auth may not change the schema; nothing was changed\. It lacks:\n {2}- ownership of the table users/,
    );
    await asAdmin(`ALTER TABLE users OWNER TO ${ROLE}`);
    expect((await findings()).said['database-migrations']).toMatch(
      /^fail: The database has a table `users` that cannot be adopted/,
    );
  });

  it('counts hashes that can never be verified, without showing them', async () => {
    await asAdmin(`INSERT INTO users (username, hashed_password) VALUES ('a', '$argon2id$v=19$abc'), ('b', '')`);
    const { stdout } = await doctor.run(production(database));
    expect(stdout).toContain('2 accounts have a password hash that can never be verified (argon2 1, empty 1)');
    expect(stdout).not.toContain('argon2id');
  });

  it('distinguishes pending migrations from those of a newer build', async () => {
    await asAdmin(`UPDATE schema_migrations SET name = 'FromTheFuture' WHERE id = 1`);
    expect((await findings()).said['database-migrations']).toMatch(/^warn: pending: CreateUsers/);
    await migrationsOfBothBuilds();
    expect((await findings()).said['database-migrations']).toBe(
      'warn: the database is newer than this build: FromTheFuture',
    );
  });

  const migrationsOfBothBuilds = () =>
    asAdmin(
      `UPDATE schema_migrations SET name = 'CreateUsers1770000000000' WHERE id = 1;
       INSERT INTO schema_migrations (timestamp, name) VALUES (1990000000000, 'FromTheFuture')`,
    );
});

describe('the authentication check of the doctor', () => {
  /** Lets the server write its pg_hba.conf and reload it. */
  async function ask(method: string): Promise<void> {
    const lines = `host all postgres 127.0.0.1/32 scram-sha-256' || chr(10) || 'host all all 127.0.0.1/32 ${method}`;
    const [row] = await query<{ file: string }>(postgres.settings, 'SHOW hba_file').then((rows) =>
      (rows as unknown as { hba_file: string }[]).map((each) => ({ file: each.hba_file })),
    );
    await query(
      postgres.settings,
      `COPY (SELECT unnest(string_to_array('${lines}', chr(10)))) TO '${row?.file}'; SELECT pg_reload_conf()`,
    );
  }
  afterAll(() => ask('scram-sha-256'));

  it.each([
    ['trust', 'fail: the server requires no password: anyone who can reach it has access (trust)'],
    ['password', 'info: the server requires the password itself'],
    ['scram-sha-256', 'pass: the server requires a SCRAM proof of the password'],
  ])('recognizes the method %s', async (method, expected) => {
    await ask(method);
    expect((await findings()).said['database-authentication']).toBe(expected);
  });

  it('recognizes the method md5', async () => {
    await asAdmin(`SET password_encryption = md5; ALTER ROLE ${ROLE} PASSWORD '${PASSWORD}'`);
    await ask('md5');
    const { said } = await findings();
    await asAdmin(`ALTER ROLE ${ROLE} PASSWORD '${PASSWORD}'`);
    expect(said['database-authentication']).toBe('warn: the server requires an MD5 hash of the password');
  });
});
