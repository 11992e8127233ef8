import bcrypt from 'bcrypt';
import { preventAutolinks } from '../../src/mail/messages/autolinks.js';
import { type Account, PASSWORD, register, uniqueName } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const FORM = '/api/v1/auth/login';
const JSON_LOGIN = '/api/v1/auth/login-json';

type Fields = [string, string][];

interface Answer {
  access_token?: string;
  detail?: { type: string; loc: unknown[]; input: unknown }[];
}

describe('signing in', () => {
  let app: TestApp;
  let account: Account;

  beforeAll(async () => {
    app = await TestApp.start();
    account = await register(app.url, { username: uniqueName('Straße') });
  });
  afterAll(() => app.stop());

  async function form(fields: string | Record<string, string> | Fields, query = ''): Promise<Received<Answer>> {
    return send<Answer>(app.url, FORM + query, { body: new URLSearchParams(fields) });
  }

  async function json(body: string | object): Promise<Received<Answer>> {
    const headers = { 'content-type': 'application/json' };
    return send<Answer>(app.url, JSON_LOGIN, { body: typeof body === 'string' ? body : JSON.stringify(body), headers });
  }

  function multipart(fields: Fields): { body: string; headers: Record<string, string> } {
    const parts = fields.map(
      ([name, value]) => `--limit\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    return {
      body: `${parts.join('')}--limit--\r\n`,
      headers: { 'content-type': 'multipart/form-data; boundary=limit' },
    };
  }

  describe('POST /api/v1/auth/login', () => {
    it('responds with a bearer token and its lifetime in seconds', async () => {
      const answer = await form({ username: account.username, password: PASSWORD });
      expect(answer.status).toBe(200);
      expect(Object.keys(answer.body)).toEqual(['access_token', 'token_type', 'expires_in', 'refresh_token']);
      expect(answer.body).toMatchObject({ token_type: 'bearer', expires_in: 1800 });
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.headers['set-cookie']).toBeUndefined();
    });

    it('accepts a username copied from a mail, with its invisible gaps', async () => {
      const username = uniqueName('jo.hn@doe');
      await register(app.url, { username });
      const copied = preventAutolinks(username);
      expect(copied).not.toBe(username);
      expect((await form({ username: copied, password: PASSWORD })).status).toBe(200);
      expect((await form({ username: copied, password: 'another one' })).status).toBe(401);
    });

    it('accepts multipart and the additional fields that Swagger UI sends', async () => {
      const fields: Fields = [
        ['grant_type', 'password'],
        ['username', account.username],
        ['password', PASSWORD],
        ['scope', ''],
        ['client_id', ''],
        ['client_secret', ''],
      ];
      expect((await send(app.url, FORM, multipart(fields))).status).toBe(200);
      expect((await form(fields)).status).toBe(200);
    });

    it('accepts the username in any letter case and Unicode form', async () => {
      const { username } = account;
      for (const spelling of [username.toUpperCase(), username.toLowerCase(), username.replace('S', 'Ｓ')]) {
        expect((await form({ username: spelling, password: PASSWORD })).status).toBe(200);
        expect((await json({ username: spelling, password: PASSWORD })).status).toBe(200);
      }
    });

    it('does not match the username by a pattern or an e-mail address', async () => {
      const email = `${uniqueName()}@example.com`;
      const { username } = await register(app.url, { email });
      for (const other of [`${username.slice(0, -1)}_`, `${username.slice(0, 4)}%`, email]) {
        expect((await form({ username: other, password: PASSWORD })).status).toBe(401);
      }
    });

    it.each([
      ['nothing in the body', ''],
      ['only the username in the body', 'username'],
      ['only the password in the body', 'password'],
    ])('ignores the query string: %s', async (_name, kept) => {
      const credentials = { username: account.username, password: PASSWORD };
      const body = Object.entries(credentials).filter(([name]) => name === kept);
      const answer = await form(body, `?${new URLSearchParams(credentials).toString()}`);
      expect(answer.status).toBe(422);
      const missing = Object.keys(credentials).filter((name) => name !== kept);
      expect(answer.body.detail?.map(({ type, loc }) => [type, loc[1]])).toEqual(
        missing.map((name) => ['missing', name]),
      );
    });

    it('ignores HTTP Basic credentials with and without a form', async () => {
      const authorization = `Basic ${Buffer.from(`${account.username}:${PASSWORD}`).toString('base64')}`;
      const only = await send(app.url, FORM, { method: 'POST', headers: { authorization } });
      expect(only.status).toBe(422);
      const body = new URLSearchParams({ username: account.username, password: PASSWORD });
      expect((await send(app.url, FORM, { body, headers: { authorization: 'Basic Zm9vOmJhcg==' } })).status).toBe(200);
    });

    it.each([
      ['username twice', [['username', 'x']]],
      ['password twice', [['password', 'x']]],
      ['password twice with equal values', [['password', PASSWORD]]],
      ['a bracketed username', [['username[]', 'x']]],
      ['a bracketed password', [['password[]', 'x']]],
      ['an indexed password', [['password[0]', 'x']]],
      ['a keyed username', [['username[$ne]', '']]],
      [
        'grant_type twice',
        [
          ['grant_type', 'password'],
          ['grant_type', 'password'],
        ],
      ],
      [
        'scope twice',
        [
          ['scope', 'a'],
          ['scope', 'b'],
        ],
      ],
    ])('refuses repeated and bracketed parameters: %s', async (_name, more) => {
      const extra = more as Fields;
      const valid: Fields = [
        ['username', account.username],
        ['password', PASSWORD],
      ];
      for (const fields of [
        [...valid, ...extra],
        [...extra, ...valid],
      ]) {
        const answers = [await form(fields), await send<Answer>(app.url, FORM, multipart(fields))];
        for (const answer of answers) {
          expect(answer.status).toBe(422);
          expect(answer.text).not.toContain(PASSWORD);
        }
      }
    });

    it('refuses bracketed names, another grant, a file as the password and a JSON body', async () => {
      const { username } = account;
      expect((await form({ 'username[]': username, 'password[]': PASSWORD })).status).toBe(422);
      expect((await form({ grant_type: 'client_credentials', username, password: PASSWORD })).status).toBe(422);
      const upload = multipart([
        ['username', username],
        ['password"; filename="password', PASSWORD],
      ]);
      expect((await send(app.url, FORM, upload)).status).toBe(422);
      expect((await send(app.url, FORM, { body: { username, password: PASSWORD } })).status).toBe(422);
    });

    it('refuses a NUL and bytes that are not UTF-8', async () => {
      expect((await form({ username: `${account.username}\0`, password: PASSWORD })).status).toBe(422);
      expect((await form({ username: account.username, password: `${PASSWORD}\0` })).status).toBe(422);
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await send(app.url, FORM, { body: 'username=%FF%FE&password=%ED%A0%80abcdef', headers });
      expect([401, 422]).toContain(answer.status);
    });
  });

  describe('POST /api/v1/auth/login-json', () => {
    it('responds with the same fields as the form', async () => {
      const answer = await json({ username: account.username, password: PASSWORD });
      expect(answer.status).toBe(200);
      expect(Object.keys(answer.body)).toEqual(['access_token', 'token_type', 'expires_in', 'refresh_token']);
      expect(answer.headers['cache-control']).toBe('no-store');
    });

    it.each([
      ['null', 'null'],
      ['a list', '[]'],
      ['a list of credentials', '[{"username":"john","password":"secret-text"}]'],
      ['a string', '"secret-text"'],
      ['a number', '1'],
      ['true', 'true'],
      ['an object for the username', '{"username":{"$ne":""},"password":"secret-text"}'],
      ['an object for the password', '{"username":"john","password":{"secret-text":1}}'],
      ['a list for the password', '{"username":"john","password":["secret-text"]}'],
      ['numbers', '{"username":1,"password":123456}'],
      ['nulls', '{"username":null,"password":null}'],
      ['booleans', '{"username":true,"password":false}'],
      ['a NUL', '{"username":"john\\u0000","password":"secret-text"}'],
      ['a lone surrogate', '{"username":"john","password":"secret-text\\ud800"}'],
      ['a __proto__ field', '{"__proto__":{"username":"john","password":"secret-text"}}'],
    ])('responds with 422 to %s', async (_name, body) => {
      const answer = await json(body);
      expect(answer.status).toBe(422);
      expect(answer.text).not.toContain('secret-text');
    });

    it('reads the last of two duplicate keys', async () => {
      const { username } = account;
      const twice = (first: string, last: string) =>
        `{"username":"${username}","password":"${first}","password":"${last}"}`;
      expect((await json(twice('wrong-one', PASSWORD))).status).toBe(200);
      expect((await json(twice(PASSWORD, 'wrong-one'))).status).toBe(401);
    });
  });

  it.each(['$2a$', '$2b$', '$2y$'])('accepts a %s hash that another program wrote', async (prefix) => {
    const { id, username } = await register(app.url);
    const hash = (await bcrypt.hash('another-One', 4)).replace(/^\$2b\$/, () => prefix);
    await app.sql('UPDATE users SET hashed_password = $2 WHERE id = $1', [id, hash]);
    expect((await json({ username, password: 'another-One' })).status).toBe(200);
    expect((await form({ username, password: 'another-One' })).status).toBe(200);
    expect((await json({ username, password: 'another-one' })).status).toBe(401);
  });

  it('reports a disabled account when the password is correct', async () => {
    const { id, username } = await register(app.url);
    await app.sql('UPDATE users SET is_active = false WHERE id = $1', [id]);
    for (const answer of [await form({ username, password: PASSWORD }), await json({ username, password: PASSWORD })]) {
      expect([answer.status, answer.text]).toEqual([400, '{"detail":"Inactive user"}']);
    }
    await app.sql('UPDATE users SET is_active = NULL WHERE id = $1', [id]);
    expect((await form({ username, password: PASSWORD })).status).toBe(400);
  });
});
