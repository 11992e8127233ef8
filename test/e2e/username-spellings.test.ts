import { DataSource } from 'typeorm';
import { HashThreadPool } from '../../src/auth/passwords/hashing/hash-thread-pool.js';
import { PASSWORD, register, uniqueName } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

interface Answer {
  access_token?: string;
}

const SETTINGS = { RATE_LIMIT: 'on', RATE_LIMIT_LOGIN_CLIENT: '100000' };

describe('a username as typed at sign-in', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ settings: SETTINGS });
  });
  afterAll(() => app.stop());
  afterEach(() => jest.restoreAllMocks());

  const byForm = async (username: string, password = PASSWORD): Promise<Received> =>
    send(app.url, '/api/v1/auth/login', { body: new URLSearchParams({ username, password }) });
  const byJson = async (username: string, password = PASSWORD): Promise<Received<Answer>> =>
    send<Answer>(app.url, '/api/v1/auth/login-json', { body: { username, password } });

  /** Inserts an account of the Python service, which stores a username as typed. */
  async function foreign(username: string, like: number): Promise<void> {
    await app.sql(
      `INSERT INTO users (username, hashed_password, is_active, is_superuser)
       SELECT $1, hashed_password, true, false FROM users WHERE id = $2`,
      [username, like],
    );
  }

  /** The username of the account to which a sign-in leads. */
  async function signedInAs(username: string): Promise<unknown> {
    const { body } = await byJson(username);
    return (await send<{ username: string }>(app.url, '/api/v1/users/me', { token: body.access_token ?? '' })).body
      .username;
  }

  /** The rate limit keys that a failed sign-in with this username uses. */
  async function spentBy(username: string): Promise<string[]> {
    await app.sql('TRUNCATE rate_limits');
    expect((await byJson(username, 'wrong-password')).status).toBe(401);
    const rows = await app.sql<{ key: string }>('SELECT key FROM rate_limits ORDER BY key');
    return rows.map(({ key }) => key);
  }

  const SURROUNDED = [' {}', '{} ', '\u00a0{}\u00a0', '{}\t', '\r\n{}', '\u3000{}\u2003', ' \u200c{}\u200c '];

  it.each(SURROUNDED)('is matched without surrounding white space: %j', async (pattern) => {
    const { username } = await register(app.url);
    const typed = pattern.replace('{}', username.toUpperCase());
    expect((await byForm(typed)).status).toBe(200);
    expect((await byJson(typed)).status).toBe(200);
    expect((await byForm(typed, 'another-one')).status).toBe(401);
    expect((await byJson(typed, 'another-one')).status).toBe(401);
  });

  it('prefers the account with exactly this username', async () => {
    const { id, username } = await register(app.url);
    const [before, behind, inside] = [
      ` ${username}`,
      `${username}\u00a0`,
      `${username.slice(0, 2)}\u200c${username.slice(2)}`,
    ];
    for (const name of [before, behind, inside]) await foreign(name, id);
    for (const name of [username, before, behind, inside]) expect(await signedInAs(name)).toBe(name);
    expect(await signedInAs(before.toUpperCase())).toBe(before);
    expect(await signedInAs(`${username}\t`)).toBe(username);
  });

  it('keeps its inner white space', async () => {
    const name = uniqueName('two words');
    await register(app.url, { username: name });
    expect((await byJson(` ${name} `)).status).toBe(200);
    expect((await byJson(name.replace(' ', ''))).status).toBe(401);
  });

  it.each(SURROUNDED)('is counted under the same keys in every spelling, known or unknown: %j', async (pattern) => {
    const { username } = await register(app.url);
    for (const name of [username, uniqueName('nobody')]) {
      const keys = await spentBy(name);
      expect(await spentBy(pattern.replace('{}', name.toUpperCase()))).toEqual(keys);
      expect(await spentBy(pattern.replace('{}', uniqueName('nobody')))).not.toEqual(keys);
    }
  });

  it('takes the same single look-up whether known or unknown', async () => {
    const { username } = await register(app.url);
    const statements = jest.spyOn(app.nest.get(DataSource), 'query');
    const lookUps: string[][] = [];
    for (const name of [username, uniqueName('nobody'), ` ${username} `, ` ${uniqueName('nobody')}\u200c`]) {
      statements.mockClear();
      await byJson(name, 'wrong-password');
      // The metrics of the audit log are read in the background.
      lookUps.push(statements.mock.calls.map(([sql]) => sql).filter((sql) => !sql.includes('audit_unsealed')));
    }
    statements.mockRestore();
    expect(lookUps[0]?.filter((sql) => sql.includes('typed_name_folded'))).toHaveLength(1);
    for (const lookUp of lookUps) expect(lookUp).toEqual(lookUps[0]);
  });

  describe('that is too long', () => {
    const OVERLONG = [
      'x'.repeat(401),
      `a${'\u0315'.repeat(8000)}${'\u0300'.repeat(8000)}`,
      `john${' '.repeat(400)}`,
      '\ufdfa'.repeat(10_000),
    ];

    it.each(OVERLONG)('is refused like an unknown one without a query', async (name) => {
      const statements = jest.spyOn(app.nest.get(DataSource), 'query');
      const compare = jest.spyOn(HashThreadPool.prototype, 'compare');
      for (const answer of [await byForm(name), await byJson(name)]) {
        expect([answer.status, answer.text]).toEqual([401, '{"detail":"Incorrect username or password"}']);
      }
      expect(compare).toHaveBeenCalledTimes(2);
      expect(statements.mock.calls.filter(([sql]) => sql.includes('typed_name_folded'))).toEqual([]);
    });

    it('is counted under one key for all such usernames', async () => {
      const keys = await spentBy('x'.repeat(100_000));
      for (const name of OVERLONG) expect(await spentBy(name)).toEqual(keys);
    });

    it('does not include one of 400 units, which has its own key', async () => {
      expect(await spentBy('x'.repeat(400))).not.toEqual(await spentBy('y'.repeat(400)));
    });
  });
});
