import { readFileSync } from 'node:fs';
import { ConfigurationError } from '../../src/platform/config/configuration-error.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { everythingIn, schemaSnapshot } from '../support/schema-snapshot.js';
import { dropDatabase, query } from '../support/test-databases.js';
import { adopt, deploymentOf, DUMP, DUMP_WITHOUT_ZONE, rowsOf } from './existing-deployment.js';

/** The documented deployment as the Python service leaves it if its database sessions use the zone. */
async function writtenIn(zone: string, settings: Record<string, string> = { TimeZone: `'${zone}'` }) {
  return deploymentOf(
    `${DUMP}; SET timezone TO '${zone}';
     ALTER TABLE users ALTER created_at TYPE TIMESTAMP, ALTER updated_at TYPE TIMESTAMP`,
    settings,
  );
}

/** The rows of the documented deployment, whose times have a zone. */
async function expectedRows(): Promise<object[]> {
  const database = await deploymentOf(DUMP);
  const rows = await rowsOf(database);
  await dropDatabase(database);
  return rows;
}

/** Expects a refusal without changes. @returns its message */
async function refusal(database: DatabaseSettings): Promise<string> {
  const before = await everythingIn(database);
  const error: unknown = await adopt(database).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(await everythingIn(database)).toEqual(before);
  return (error as Error).message;
}

describe('adoption of a deployment with TIMESTAMP WITHOUT TIME ZONE', () => {
  it.each([
    ['UTC', {}],
    ['UTC', { ADOPT_TIMEZONE: 'UTC' }],
    ['Asia/Kolkata', { ADOPT_TIMEZONE: 'UTC' }],
    ['America/New_York', { ADOPT_TIMEZONE: 'UTC' }],
  ])('reads the times as UTC if the session time zone is %s and the settings are %j', async (zone, settings) => {
    const database = await deploymentOf(DUMP_WITHOUT_ZONE, { TimeZone: `'${zone}'` });
    expect(await query(database, 'SHOW timezone')).toEqual([{ TimeZone: zone }]);
    expect(await adopt(database, settings)).toMatch(/with 6 accounts: read created_at as UTC; read updated_at as UTC/);

    const expected = await deploymentOf(DUMP);
    await adopt(expected);
    expect(await rowsOf(database)).toEqual(await rowsOf(expected));
    expect(await schemaSnapshot(database)).toEqual(await schemaSnapshot(expected));
    const inserted = await query(
      database,
      `INSERT INTO users (username, hashed_password) VALUES ('new', '') RETURNING created_at = now() AS right`,
    );
    expect(inserted).toEqual([{ right: true }]);

    await Promise.all([database, expected].map(dropDatabase));
  });

  it('replaces an unknown default with the current time', async () => {
    const database = await deploymentOf(
      `${DUMP_WITHOUT_ZONE}; ALTER TABLE users ALTER updated_at SET DEFAULT timezone('utc', now())`,
      { TimeZone: `'Asia/Kolkata'` },
    );
    await adopt(database, { ADOPT_TIMEZONE: 'UTC' });
    const sql = `INSERT INTO users (username, hashed_password) VALUES ('new', '') RETURNING updated_at = now() AS right`;
    expect(await query(database, sql)).toEqual([{ right: true }]);
    await dropDatabase(database);
  });
});

describe('adoption of times without a zone if the zone is ambiguous', () => {
  it('refuses and shows both readings of the newest account', async () => {
    const database = await writtenIn('Europe/Berlin');
    expect((await refusal(database)).split('\n')).toEqual([
      'The times of the existing accounts have no time zone, and the sessions that wrote them may not have been in UTC; nothing was changed.',
      'The newest of them is 2026-11-22 11:00:45 of account 5:',
      '  - written in UTC, it is 2026-11-22T11:00:45Z',
      '  - written in Europe/Berlin, it is 2026-11-22T10:00:45Z',
      'Set ADOPT_TIMEZONE to the correct zone (UTC, Europe/Berlin, …), then start again.',
    ]);
    await dropDatabase(database);
  });

  it.each(['Europe/Berlin', 'Asia/Kolkata', 'America/New_York'])(
    'reads the times in the zone of ADOPT_TIMEZONE: %s',
    async (zone) => {
      const database = await writtenIn(zone);
      expect(await adopt(database, { ADOPT_TIMEZONE: zone })).toContain(`read created_at as ${zone}`);
      expect(await rowsOf(database)).toEqual(await expectedRows());
      await dropDatabase(database);
    },
  );

  it('reads the times in the zone of ADOPT_TIMEZONE even if the database uses UTC', async () => {
    const database = await writtenIn('Asia/Kolkata', {});
    await adopt(database, { ADOPT_TIMEZONE: 'Asia/Kolkata' });
    expect(await rowsOf(database)).toEqual(await expectedRows());
    await dropDatabase(database);
  });

  it('refuses if another role that may insert accounts has a time zone', async () => {
    const database = await writtenIn('Europe/Berlin', {});
    const role = `python_${database.database}`;
    await query(
      database,
      `CREATE ROLE ${role}; ALTER ROLE ${role} SET timezone TO 'Europe/Berlin'; GRANT INSERT ON users TO ${role}`,
    );
    expect(await refusal(database)).toContain('written in Europe/Berlin, it is 2026-11-22T10:00:45Z');
    await query(database, `REVOKE INSERT ON users FROM ${role}`);
    expect(await adopt(database)).toContain('read created_at as UTC');
    await query(database, `DROP ROLE ${role}`);
    await dropDatabase(database);
  });

  it('refuses if only the role of the service uses UTC', async () => {
    const database = await writtenIn('Europe/Berlin');
    await query(database, `ALTER ROLE ${database.user} IN DATABASE ${database.database} SET timezone TO 'UTC'`);
    expect(await query(database, 'SHOW timezone')).toEqual([{ TimeZone: 'UTC' }]);
    expect(await refusal(database)).toContain('written in Europe/Berlin');
    await dropDatabase(database);
  });

  it.each([
    ['no account', 'DELETE FROM users'],
    ['no time', 'UPDATE users SET created_at = NULL, updated_at = NULL'],
    ['only times at which the zone is UTC', "UPDATE users SET created_at = '2026-01-04 10:00', updated_at = NULL"],
  ])('adopts a table with %s', async (_what, sql) => {
    const database = await deploymentOf(`${DUMP_WITHOUT_ZONE}; ${sql}`, { TimeZone: `'Europe/London'` });
    expect(await adopt(database)).toContain('adopted the existing table users');
    await dropDatabase(database);
  });
});

describe('the documented repair of times that were adopted in the wrong zone', () => {
  const page = readFileSync('docs/migrating-from-fastapi.md', 'utf8');
  /** A statement from the page, with the values filled in. */
  const documented = (name: string, values: string): string => {
    const [, sql = ''] = new RegExp(`<!-- ${name} -->\\s+\`\`\`sql([^]*?)\`\`\``).exec(page) ?? [];
    const filled = sql.replace(/VALUES \(.*\)/, `VALUES (${values})`);
    expect(filled).toContain(values);
    return filled;
  };

  it('corrects times from before the adoption, keeps later times and lists doubtful ones', async () => {
    const database = await writtenIn('Europe/Berlin');
    await adopt(database, { ADOPT_TIMEZONE: 'UTC' });
    const adoptedAt = '2026-11-22 18:09:29Z';
    await query(
      database,
      `UPDATE users SET updated_at = '2026-11-23 08:00Z' WHERE id = 1;
       UPDATE users SET updated_at = '2026-11-22 18:30Z' WHERE id = 2;
       INSERT INTO users (username, hashed_password, created_at) VALUES ('later', '', '2026-11-23 09:00Z')`,
    );
    const values = `'Europe/Berlin', timestamptz '${adoptedAt}', 6`;
    await query(database, documented('repair', values));
    const [first, second, ...others] = await expectedRows();
    const changed = [
      { ...first, updated_at: '2026-11-23 08:00:00' },
      { ...second, updated_at: '2026-11-22 18:30:00' },
    ];
    expect((await rowsOf(database)).slice(0, 6)).toEqual([...changed, ...others]);
    expect((await rowsOf(database))[6]).toMatchObject({ created_at: '2026-11-23 09:00:00', updated_at: null });
    const doubtful = await query<{ id: number }>(database, documented('doubtful', values));
    expect(doubtful.map(({ id }) => id)).toEqual([2]);
    await dropDatabase(database);
  });
});
