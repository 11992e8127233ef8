import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { register, signIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { schemaSnapshot } from '../support/schema-snapshot.js';
import { TestApp } from '../support/test-app.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';
import { adopt, deploymentOf, DUMP, PASSWORDS, type Row, rowsOf } from './existing-deployment.js';

describe('the service on an adopted database', () => {
  let database: DatabaseSettings;
  let before: Row[];
  let output: string;
  let app: TestApp;

  beforeAll(async () => {
    database = await deploymentOf(DUMP);
    before = await rowsOf(database);
    output = await adopt(database);
    app = await TestApp.start({ database });
  });
  afterAll(async () => {
    await app.stop();
    await dropDatabase(database);
  });

  it('keeps every row unchanged and reports their number', async () => {
    expect(before).toHaveLength(6);
    expect(await rowsOf(database)).toEqual(before);
    expect(output).toContain('adopted the existing table users with 6 accounts: no changes were needed');
  });

  it('has the schema of a new database', async () => {
    const fresh = await createDatabase();
    expect(await schemaSnapshot(database)).toEqual(await schemaSnapshot(fresh));
    await dropDatabase(fresh);
  });

  it('signs in every active user with the old password, in any letter case of the name', async () => {
    for (const { username, id, is_active } of before) {
      if (!is_active) continue;
      const token = await signIn(app.url, {
        username: username.toUpperCase(),
        password: PASSWORDS[username as 'john'],
      });
      expect(await send(app.url, '/api/v1/users/me', { token })).toMatchObject({ status: 200, body: { id, username } });
    }
  });

  it.each(Object.entries(PASSWORDS))('refuses to sign in %s with another password', async (username, password) => {
    const body = { username, password: `${password.slice(0, -1)}!` };
    expect((await send(app.url, '/api/v1/auth/login-json', { body })).status).toBe(401);
  });

  it('answers 400 to an inactive user with the correct password', async () => {
    const answer = await send(app.url, '/api/v1/auth/login', {
      body: new URLSearchParams({ username: 'gone', password: PASSWORDS.gone }),
    });
    expect([answer.status, answer.text]).toEqual([400, '{"detail":"Inactive user"}']);
  });

  it.each([
    ['john', '2026-01-04T10:00:00Z'],
    ['testuser', '2026-11-22T10:00:37.741300Z'],
    ['nomail', '2026-11-22T10:00:38.324143Z'],
  ] as const)('returns the creation time of %s with microseconds', async (username, createdAt) => {
    const token = await signIn(app.url, { username, password: PASSWORDS[username] });
    const { body } = await send(app.url, '/api/v1/users/me', { token });
    expect(body).toMatchObject({
      created_at: createdAt,
      email: before.find((row) => row.username === username)?.email,
    });
  });

  it('refuses a name or an e-mail that an adopted account has in another letter case', async () => {
    const body = { username: 'JOHN', password: 'secure123', email: 'other@example.com' };
    expect((await send(app.url, '/api/v1/auth/register', { body })).text).toBe(
      '{"detail":"Username already registered"}',
    );
    const mail = { ...body, username: 'other', email: 'ADMIN@example.com' };
    expect((await send(app.url, '/api/v1/auth/register', { body: mail })).text).toBe(
      '{"detail":"Email already registered"}',
    );
  });

  it('continues the ids', async () => {
    expect((await register(app.url)).id).toBe(7);
  });

  it('changes nothing at the next start', async () => {
    const schema = await schemaSnapshot(database, { bookkeeping: true });
    const rows = await rowsOf(database);
    expect(await adopt(database)).toBe('');
    expect(await schemaSnapshot(database, { bookkeeping: true })).toEqual(schema);
    expect(await rowsOf(database)).toEqual(rows);
  });
});

/** The statements that SQLAlchemy sends for the documented model. */
describe('the Python service on an adopted database', () => {
  const INSERT = `INSERT INTO users (username, email, hashed_password, is_active, is_superuser, updated_at)
                  VALUES ($1, $2, $3, $4, $5, $6) RETURNING users.id, users.created_at`;
  const SELECT = `SELECT users.id AS users_id, users.username AS users_username, users.email AS users_email,
                         users.hashed_password AS users_hashed_password, users.is_active AS users_is_active,
                         users.is_superuser AS users_is_superuser, users.created_at AS users_created_at,
                         users.updated_at AS users_updated_at
                    FROM users WHERE users.username = $1 LIMIT 1`;
  let app: TestApp;
  let johnsHash: string;

  beforeAll(async () => {
    const database = await deploymentOf(DUMP);
    await adopt(database);
    app = await TestApp.start({ database });
    johnsHash = (await rowsOf(database))[0]?.hashed_password ?? '';
  });
  afterAll(async () => {
    await app.stop();
    await dropDatabase(app.database);
  });

  const inserted = async (username: string, active: boolean | null) => {
    const values = [username, `${username}@example.com`, johnsHash, active, false, null];
    const [row] = await app.sql<{ id: number; created_at: Date }>(INSERT, values);
    return row ?? { id: 0, created_at: new Date(Number.NaN) };
  };

  it('registers accounts that can sign in here, and gets their id and creation time', async () => {
    const row = await inserted('from_python', true);
    expect(row.id).toBe(7);
    expect(Number.isFinite(row.created_at.getTime())).toBe(true);
    const token = await signIn(app.url, { username: 'from_python', password: PASSWORDS.john });
    const { body } = await send(app.url, '/api/v1/users/me', { token });
    expect(body).toMatchObject({ id: row.id, is_active: true, is_superuser: false });
    expect(new Date(String(body.created_at))).toEqual(row.created_at);
  });

  it('may write NULL flags, which this service reads as false', async () => {
    await inserted('flagless', null);
    const body = { username: 'flagless', password: PASSWORDS.john };
    expect((await send(app.url, '/api/v1/auth/login-json', { body })).text).toBe('{"detail":"Inactive user"}');
    await app.sql('UPDATE users SET is_active = true, is_superuser = NULL WHERE users.username = $1', ['flagless']);
    const token = await signIn(app.url, body);
    expect((await send(app.url, '/api/v1/users/me', { token })).body).toMatchObject({ is_superuser: false });
  });

  it('reads accounts that this service registered', async () => {
    const account = await register(app.url, { email: 'reader@example.com' });
    expect(await app.sql(SELECT, [account.username])).toEqual([
      {
        users_id: account.id,
        users_username: account.username,
        users_email: 'reader@example.com',
        users_hashed_password: expect.stringMatching(/^\$2b\$/),
        users_is_active: true,
        users_is_superuser: false,
        users_created_at: expect.any(Date),
        users_updated_at: null,
      },
    ]);
  });

  it('may disable an account, whose tokens this service refuses at the next request', async () => {
    const account = await register(app.url);
    const token = await signIn(app.url, account);
    const update = 'UPDATE users SET is_active=$1, updated_at=now() WHERE users.id = $2';
    await app.sql(update, [false, account.id]);
    expect((await send(app.url, '/api/v1/users/me', { token })).status).toBe(401);
  });

  it('gets a unique violation for a name that differs only by letter case', async () => {
    await expect(inserted('JOHN', true)).rejects.toMatchObject({
      code: '23505',
      constraint: 'uq_users_username_folded',
    });
    expect(await query(app.database, SELECT, ['JOHN'])).toEqual([]);
  });
});
