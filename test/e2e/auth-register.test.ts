import { PASSWORD, register, signIn, uniqueName } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';

interface Refusal {
  detail: { type: string; loc: unknown[]; input: unknown }[];
}

const MASK = '**********';

describe('POST /api/v1/auth/register', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ bcryptRounds: 5 });
  });
  afterAll(() => app.stop());

  async function tryPassword(password: unknown): Promise<Received<Refusal>> {
    return send<Refusal>(app.url, '/api/v1/auth/register', { body: { username: uniqueName(), password } });
  }

  async function login(username: string, password: string): Promise<number> {
    const answer = await send(app.url, '/api/v1/auth/login-json', { body: { username, password } });
    return answer.status;
  }

  describe('passwords', () => {
    it.each([
      ['six characters', 'abcdef'],
      ['six characters beyond the BMP', '😀'.repeat(6)],
      ['72 bytes of ASCII', 'p'.repeat(72)],
      ['72 bytes in 24 characters', '€'.repeat(24)],
      ['72 bytes in 18 characters', '😀'.repeat(18)],
      ['72 bytes that end with a multi-byte character', `${'p'.repeat(70)}é`],
      ['twenty lower-case letters and spaces', 'correct horse staple'],
      ['only spaces', '      '],
      ['control characters', 'a\tb\nc\u0001d'],
    ])('accepts %s, and the same password signs in', async (_name, password) => {
      const account = await register(app.url, { password });
      await expect(signIn(app.url, account)).resolves.toMatch(/^ey/);
    });

    it.each([
      ['five characters', 'abcde', 'string_too_short'],
      ['five characters that are ten UTF-16 units', '😀'.repeat(5), 'string_too_short'],
      ['an empty string', '', 'string_too_short'],
      ['73 bytes of ASCII', 'p'.repeat(73), 'value_error'],
      ['73 bytes in 25 characters', `${'€'.repeat(24)}a`, 'value_error'],
      ['73 bytes whose 72nd splits a character', `${'p'.repeat(71)}é`, 'value_error'],
      ['577 bytes', 'p'.repeat(577), 'string_too_long'],
      ['50 KB', 'p'.repeat(50_000), 'string_too_long'],
      ['a NUL at the end', 'secret123\0', 'string_unicode'],
      ['only NULs', '\0'.repeat(8), 'string_unicode'],
      ['a leading lone surrogate', '\udc00secret123', 'string_unicode'],
      ['a trailing lone surrogate', 'secret123\ud800', 'string_unicode'],
      ['surrogates in the wrong order', 'secret\udc00\ud800', 'string_unicode'],
      ['null', null, 'string_type'],
      ['a number', 12345678, 'string_type'],
      ['a list', ['secret123'], 'string_type'],
      ['an object', { length: 8 }, 'string_type'],
    ])('refuses %s and masks it in the response', async (_name, password, type) => {
      const answer = await tryPassword(password);
      expect(answer.status).toBe(422);
      expect(answer.body.detail).toMatchObject([{ type, loc: ['body', 'password'], input: MASK }]);
    });

    it('refuses bytes that are not UTF-8', async () => {
      const body = Buffer.from(`{"username":"${uniqueName()}","password":"secret\xff\xfe123"}`, 'latin1');
      const headers = { 'content-type': 'application/json' };
      expect((await send(app.url, '/api/v1/auth/register', { body, headers })).status).toBe(400);
    });

    it.each([
      ['without its trailing space', 'Secret123 ', 'Secret123'],
      ['without its leading space', ' Secret123', 'Secret123'],
      ['in another letter case', 'Secret123', 'sECRET123'],
      ['composed instead of decomposed', 'cafe\u0301123', 'caf\u00e9123'],
      ['in compatibility letters', 'secret123', 'ｓｅｃｒｅｔ１２３'],
      ['with a byte added to 72', 'p'.repeat(72), 'p'.repeat(73)],
      ['with its last byte changed', 'p'.repeat(72), `${'p'.repeat(71)}q`],
    ])('compares exactly: a password does not match %s', async (_name, password, other) => {
      const { username } = await register(app.url, { password });
      expect(await login(username, other)).toBe(401);
      expect(await login(username, password)).toBe(200);
    });

    it('stores a $2b$ hash of the configured cost with a salt per account', async () => {
      const { id } = await register(app.url);
      const { id: other } = await register(app.url);
      const rows = await app.sql<{ hash: string }>('SELECT hashed_password AS hash FROM users WHERE id = ANY($1)', [
        [id, other],
      ]);
      expect(rows).toHaveLength(2);
      for (const { hash } of rows) expect(hash).toMatch(/^\$2b\$05\$[./A-Za-z0-9]{53}$/);
      expect(rows[0]?.hash.slice(0, 29)).not.toBe(rows[1]?.hash.slice(0, 29));
    });
  });

  describe('fields that a client cannot set', () => {
    it('include the id, the flags, the hash and the times', async () => {
      const hash = `$2b$04$${'a'.repeat(53)}`;
      const chosen = {
        id: 999_999,
        is_active: false,
        is_superuser: true,
        hashed_password: hash,
        created_at: '2001-01-01',
      };
      const ours = {
        isActive: false,
        isSuperuser: true,
        passwordHash: hash,
        createdAt: '2001-01-01',
        updated_at: '2001-01-01',
      };
      const { id } = await register(app.url, { ...chosen, ...ours });
      const [row] = await app.sql(
        `SELECT id < 1000 AS id, is_active, is_superuser, updated_at, hashed_password = $2 AS same_hash,
                created_at > now() - interval '1 hour' AS recent FROM users WHERE id = $1`,
        [id, hash],
      );
      expect(row).toEqual({
        id: true,
        is_active: true,
        is_superuser: false,
        updated_at: null,
        same_hash: false,
        recent: true,
      });
    });

    it.each(['__proto__', 'constructor'])('cannot be set through %s', async (name) => {
      const username = uniqueName();
      const body = `{"username":"${username}","password":"${PASSWORD}","${name}":{"is_superuser":true,"prototype":{"is_superuser":true}}}`;
      const headers = { 'content-type': 'application/json' };
      const answer = await send(app.url, '/api/v1/auth/register', { body, headers });
      expect(answer.body).toMatchObject({ username, is_superuser: false });
      expect(({} as { is_superuser?: unknown }).is_superuser).toBeUndefined();
      const rows = await app.sql('SELECT is_superuser FROM users WHERE username = $1', [username]);
      expect(rows).toEqual([{ is_superuser: false }]);
    });

    it('cannot be set through the query string, a header or a form', async () => {
      const username = uniqueName();
      const body = { username, password: PASSWORD };
      const path = '/api/v1/auth/register?is_superuser=true&username=somebody-else';
      const answer = await send(app.url, path, { body, headers: { 'x-is-superuser': 'true' } });
      expect(answer.body).toMatchObject({ username, is_superuser: false });
      const form = new URLSearchParams({ username: uniqueName(), password: PASSWORD });
      expect((await send(app.url, '/api/v1/auth/register', { body: form })).status).toBe(422);
    });
  });

  describe('created_at', () => {
    const WIRE = `to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

    it('is the time of the database in UTC with microseconds', async () => {
      const body = { username: uniqueName(), password: PASSWORD };
      const answer = await send<{ created_at: string }>(app.url, '/api/v1/auth/register', { body });
      expect(answer.body.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/);
      const rows = await app.sql<{ wire: string }>(`SELECT ${WIRE} AS wire FROM users WHERE username = $1`, [
        body.username,
      ]);
      expect(answer.body.created_at).toBe(rows[0]?.wire.replace('.000000Z', 'Z'));
    });

    it('does not depend on the time zone of the database', async () => {
      const database = await createDatabase();
      await query(database, `ALTER DATABASE ${database.database} SET timezone TO 'Asia/Kathmandu'`);
      const elsewhere = await TestApp.start({ database });
      try {
        const body = { username: uniqueName(), password: PASSWORD };
        const answer = await send<{ created_at: string }>(elsewhere.url, '/api/v1/auth/register', { body });
        const [row] = await elsewhere.sql<{ wire: string }>(`SELECT ${WIRE} AS wire FROM users`);
        expect(answer.body.created_at).toBe(row?.wire.replace('.000000Z', 'Z'));
      } finally {
        await elsewhere.stop();
        await dropDatabase(database);
      }
    });
  });

  it('creates no default account on a fresh database', async () => {
    const fresh = await TestApp.start();
    try {
      expect(await fresh.sql('SELECT count(*)::int AS count FROM users')).toEqual([{ count: 0 }]);
      for (const name of ['admin', 'root', 'test', 'john', 'superuser', 'postgres']) {
        for (const password of [name, 'password', 'secure123', 'test123', 'changethis']) {
          const answer = await send(fresh.url, '/api/v1/auth/login-json', { body: { username: name, password } });
          expect(answer.status).toBe(401);
        }
      }
    } finally {
      await fresh.stop();
    }
  });
});
