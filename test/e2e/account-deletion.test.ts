import { PasswordHasher } from '../../src/auth/passwords/password-hasher.js';
import { type Account, PASSWORD, register, session, signedIn, signIn, uniqueName } from '../support/accounts.js';
import { ACCOUNT_TABLES, createAccountData, countAccountRows, findAccountTables } from '../support/account-data.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const ME = '/api/v1/users/me';

describe('DELETE /api/v1/users/me', () => {
  const { logger, lines } = collectingLogger();
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ logger });
  });
  afterAll(() => app.stop());

  const remove = (token: string, body: object = { password: PASSWORD }): Promise<Received<{ detail: unknown }>> =>
    send(app.url, ME, { method: 'DELETE', token, body });
  const statusOf = async (token: string): Promise<number> => (await send(app.url, ME, { token })).status;
  const refreshed = async (refreshToken: string): Promise<number> =>
    (await send(app.url, '/api/v1/auth/refresh', { body: { refresh_token: refreshToken } })).status;

  it('deletes the account and invalidates all of its tokens', async () => {
    const account = await register(app.url);
    const [one, other] = [await session(app.url, account), await session(app.url, account)];
    const answer = await remove(one.access_token);
    expect([answer.status, answer.text]).toEqual([204, '']);
    for (const tokens of [one, other]) {
      expect([await statusOf(tokens.access_token), await refreshed(tokens.refresh_token)]).toEqual([401, 401]);
    }
    const login = await send(app.url, '/api/v1/auth/login-json', { body: { ...account } });
    expect([login.status, login.body]).toEqual([401, { detail: 'Incorrect username or password' }]);
  });

  it('frees the username and address without reusing the id or reviving old tokens', async () => {
    const email = `${uniqueName()}@example.com`;
    const account = await register(app.url, { email });
    const tokens = await session(app.url, account);
    await app.sql('SELECT setval($1, (SELECT max(id) FROM users))', ['users_id_seq']);
    expect((await remove(tokens.access_token)).status).toBe(204);
    const again = await register(app.url, { username: account.username, email });
    expect(again.id).toBeGreaterThan(account.id);
    expect([await statusOf(tokens.access_token), await refreshed(tokens.refresh_token)]).toEqual([401, 401]);
    const fresh = await signIn(app.url, again);
    expect((await send(app.url, ME, { token: fresh })).body).toMatchObject({ id: again.id });
  });

  it('leaves no rows in any table except audit events without personal data', async () => {
    expect(await findAccountTables(app)).toEqual(
      Object.fromEntries(Object.entries(ACCOUNT_TABLES).map(([table, { by }]) => [table, by])),
    );
    const [account, other] = [await signedIn(app.url), await signedIn(app.url)];
    await Promise.all([account, other].map(async (each) => createAccountData(app, each)));
    const before = await countAccountRows(app, account.id);
    const ofOther = await countAccountRows(app, other.id);
    for (const [table, rows] of Object.entries(before)) expect([table, rows > 0]).toEqual([table, true]);
    expect((await remove(account.token)).status).toBe(204);
    const { audit_events: events, ...rest } = await countAccountRows(app, account.id);
    expect(new Set(Object.values(rest))).toEqual(new Set([0]));
    expect(events).toBeGreaterThan(before.audit_events ?? 0);
    expect(await countAccountRows(app, other.id)).toEqual(ofOther);
    const kept = await app.sql(`SELECT e::text AS text FROM audit_events e WHERE subject_id = $1`, [account.id]);
    expect(JSON.stringify(kept)).not.toMatch(new RegExp(`${account.username}|127\\.0\\.0\\.1`));
    expect(
      await app.sql(`SELECT FROM audit_events WHERE subject_id = $1 AND action = 'user.deleted'`, [account.id]),
    ).toHaveLength(1);
  });

  it('rolls back completely when a part fails', async () => {
    const account = await signedIn(app.url);
    await createAccountData(app, account);
    const before = await countAccountRows(app, account.id);
    await app.sql(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$;
       CREATE CONSTRAINT TRIGGER refuse AFTER DELETE ON users INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`,
    );
    try {
      expect((await remove(account.token)).status).toBe(500);
    } finally {
      await app.sql('DROP TRIGGER refuse ON users; DROP FUNCTION refuse');
    }
    expect(await countAccountRows(app, account.id)).toEqual(before);
    expect(await statusOf(account.token)).toBe(200);
  });

  it.each([
    [
      'password.reset_requested',
      async (_token: string, email: string) => send(app.url, '/api/v1/auth/forgot-password', { body: { email } }),
    ],
    ['user.exported', async (token: string) => send(app.url, `${ME}/export`, { token })],
  ])('leaves no personal data of an event that is recorded concurrently: %s', async (action, act) => {
    const email = `${uniqueName()}@example.com`;
    const account = await register(app.url, { email });
    const token = await signIn(app.url, account);
    // Simulates a slow database: the event is still being written while the account is deleted.
    await app.sql(
      `CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN IF NEW.action = '${action}' THEN PERFORM pg_sleep(1.5); END IF; RETURN NEW; END $$;
       CREATE TRIGGER linger BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION linger()`,
    );
    try {
      const acting = act(token, email);
      const lingering = `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`;
      await until(async () => (await app.sql(lingering)).length > 0);
      expect((await remove(token)).status).toBe(204);
      expect((await acting).status).toBeLessThan(300);
    } finally {
      await app.sql('DROP TRIGGER linger ON audit_events; DROP FUNCTION linger');
    }
    expect(await app.sql('SELECT FROM audit_details WHERE subject_id = $1', [account.id])).toEqual([]);
    expect(
      await app.sql('SELECT FROM audit_events WHERE subject_id = $1 AND action = $2', [account.id, action]),
    ).toHaveLength(1);
  });

  it.each([
    ['a wrong password', { password: 'not the password' }, 400, 'Incorrect password'],
    ['no password', {}, 422, [{ loc: ['body', 'password'], type: 'missing' }]],
    ['a password that is not a string', { password: 7 }, 422, [{ loc: ['body', 'password'], type: 'string_type' }]],
  ])('deletes nothing for %s', async (_what, body, status, detail) => {
    const { token } = await signedIn(app.url);
    const answer = await remove(token, body);
    expect([answer.status, answer.body]).toMatchObject([status, { detail }]);
    expect(await statusOf(token)).toBe(200);
  });

  it('deletes nothing if the password is changed while it is being compared', async () => {
    const { id, token } = await signedIn(app.url);
    const hasher = app.nest.get(PasswordHasher);
    const { verify } = hasher;
    jest.spyOn(hasher, 'verify').mockImplementationOnce(async (...tried) => {
      await app.sql("UPDATE users SET hashed_password = '$2b$04$another' WHERE id = $1", [id]);
      return verify.apply(hasher, tried);
    });
    expect((await remove(token)).status).toBe(400);
    expect(await statusOf(token)).toBe(200);
  });

  it('requires a token and a body', async () => {
    const { token } = await signedIn(app.url);
    expect((await send(app.url, ME, { method: 'DELETE', body: { password: PASSWORD } })).status).toBe(401);
    expect((await send(app.url, ME, { method: 'DELETE', token })).status).toBe(422);
    expect(await statusOf(token)).toBe(200);
  });

  it('succeeds once when ten requests arrive at the same time', async () => {
    const { id, token } = await signedIn(app.url);
    const answers = await Promise.all(Array.from({ length: 10 }, async () => remove(token)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    expect(statuses.filter((status) => ![204, 400, 401].includes(status))).toEqual([]);
    expect(
      await app.sql(`SELECT FROM audit_events WHERE subject_id = $1 AND action = 'user.deleted'`, [id]),
    ).toHaveLength(1);
  });

  describe('when another application refers to the account', () => {
    const withNotes = async (key: string): Promise<Account & { token: string }> => {
      const account = await signedIn(app.url);
      await app.sql('DROP TABLE IF EXISTS notes');
      await app.sql(`CREATE TABLE notes (author int CONSTRAINT fk_notes_author REFERENCES users ${key})`);
      await app.sql('INSERT INTO notes VALUES ($1)', [account.id]);
      return account;
    };
    afterAll(() => app.sql('DROP TABLE IF EXISTS notes'));

    it.each(['', 'ON DELETE RESTRICT', 'DEFERRABLE INITIALLY DEFERRED'])(
      'responds with 409 and logs the referring table for the operator (%s)',
      async (key) => {
        const account = await withNotes(key);
        const before = await countAccountRows(app, account.id);
        const answer = await remove(account.token);
        expect([answer.status, answer.body]).toEqual([
          409,
          {
            detail: 'This account cannot be deleted because other data refers to it. Please contact the administrator.',
          },
        ]);
        expect(lines.join('')).toContain(
          `account ${account.id} cannot be deleted: rows of notes refer to it (fk_notes_author)`,
        );
        expect(await countAccountRows(app, account.id)).toEqual(before);
      },
    );

    it('responds with 409 when the foreign key would set a NOT NULL column to null', async () => {
      const account = await withNotes('ON DELETE SET NULL');
      await app.sql('ALTER TABLE notes ALTER COLUMN author SET NOT NULL');
      expect((await remove(account.token)).status).toBe(409);
      expect(lines.join('')).toContain(`account ${account.id} cannot be deleted: rows of notes refer to it`);
    });

    it.each([
      ['ON DELETE CASCADE', []],
      ['ON DELETE SET NULL', [{ author: null }]],
    ])('follows the action of the foreign key (%s)', async (key, left) => {
      const { token } = await withNotes(key);
      expect((await remove(token)).status).toBe(204);
      expect(await app.sql('SELECT * FROM notes')).toEqual(left);
    });
  });

  describe('for superusers', () => {
    const superuser = async (): Promise<Account & { token: string }> => {
      const account = await signedIn(app.url);
      await app.sql('UPDATE users SET is_superuser = true WHERE id = $1', [account.id]);
      return account;
    };
    beforeEach(() => app.sql('UPDATE users SET is_superuser = false'));

    it('refuses to delete the last active superuser', async () => {
      const [last, disabled] = [await superuser(), await superuser()];
      await register(app.url);
      await app.sql('UPDATE users SET is_active = false WHERE id = $1', [disabled.id]);
      const answer = await remove(last.token);
      expect([answer.status, answer.body]).toEqual([409, { detail: 'The last superuser cannot be deleted' }]);
      await superuser();
      expect((await remove(last.token)).status).toBe(204);
    });

    it('keeps one of several superusers who delete their accounts at the same time', async () => {
      for (let round = 0; round < 5; round += 1) {
        await app.sql('UPDATE users SET is_superuser = false');
        const several = [await superuser(), await superuser(), await superuser()];
        const answers = await Promise.all(several.map(async ({ token }) => remove(token)));
        expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 204, 409]);
      }
    });
  });
});

describe('DELETE /api/v1/users/me with rate limits', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { RATE_LIMIT: 'on', RATE_LIMIT_LOGIN_ACCOUNT: '3' } });
  });
  afterAll(() => app.stop());

  it('counts wrong passwords per session, apart from the sign-in limit', async () => {
    const { username, token } = await signedIn(app.url);
    const remove = (password: string) => send(app.url, ME, { method: 'DELETE', token, body: { password } });
    for (let time = 0; time < 3; time += 1) expect((await remove('wrong')).status).toBe(400);
    expect((await remove(PASSWORD)).status).toBe(429);
    const login = await send(app.url, '/api/v1/auth/login-json', { body: { username, password: PASSWORD } });
    expect(login.status).toBe(200);
    expect((await send(app.url, ME, { token })).status).toBe(200);
  });
});
