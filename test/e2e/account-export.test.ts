import { once } from 'node:events';
import http from 'node:http';
import { AuditReader } from '../../src/audit/audit-reader.js';
import { register, session, signedIn, signIn, uniqueName } from '../support/accounts.js';
import {
  ACCOUNT_TABLES,
  findColumns,
  createAccountData,
  countAccountRows,
  findAccountTables,
} from '../support/account-data.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const EXPORT = '/api/v1/users/me/export';

type Row = Record<string, unknown>;
interface Document extends Record<string, unknown> {
  exported_at: string;
  account: Row;
  sessions: Row[];
  links: Row[];
  queued: Row[];
  activity: Row[];
}

describe('GET /api/v1/users/me/export', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const exported = (token: string): Promise<Received<Document>> => send<Document>(app.url, EXPORT, { token });

  it('responds with a JSON document as an attachment', async () => {
    const { id, token } = await signedIn(app.url);
    const { status, headers, body } = await exported(token);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'content-disposition': `attachment; filename="account-${id}.json"`,
      'cache-control': 'no-store',
    });
    expect(Object.keys(body)).toEqual(['exported_at', 'account', 'sessions', 'links', 'queued', 'activity']);
    expect(body.exported_at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('contains every row of every table that refers to the account, and none of other accounts', async () => {
    const [account, other] = [await signedIn(app.url), await signedIn(app.url)];
    await Promise.all([account, other].map(async (each) => createAccountData(app, each)));
    const { body } = await exported(account.token);
    const rows = await countAccountRows(app, account.id);
    expect(Object.keys(await findAccountTables(app)).toSorted()).toEqual(Object.keys(ACCOUNT_TABLES).toSorted());
    for (const table of ['sessions', 'one_time_tokens', 'audit_events']) {
      const section = ACCOUNT_TABLES[table]?.section ?? '';
      expect([table, (body[section] as Row[]).length]).toEqual([table, rows[table]]);
    }
    expect(body.queued).toHaveLength(rows.jobs ?? 0);
    expect(body.account.id).toBe(account.id);
    expect(JSON.stringify(body)).not.toContain(other.username);
  });

  it('contains every column except secret and redundant ones', async () => {
    const { token, ...account } = await signedIn(app.url, { email: `${uniqueName()}@example.com` });
    await createAccountData(app, account);
    const { body } = await exported(token);
    for (const [table, { section, withheld, renamed = {} }] of Object.entries(ACCOUNT_TABLES)) {
      const shown = Object.keys((body[section] as Row[])[0] ?? {});
      const columns = (await findColumns(app, table)).filter((column) => !withheld.includes(column));
      expect([table, columns.filter((column) => !shown.includes(renamed[column] ?? column))]).toEqual([table, []]);
    }
    const columns = await findColumns(app, 'users');
    expect(columns.filter((column) => !(column in body.account))).toEqual(['hashed_password', 'session_epoch']);
  });

  it('contains the events with their address, user agent and data', async () => {
    const { id, username, token } = await signedIn(app.url);
    await send(app.url, '/api/v1/users/me', {
      method: 'PATCH',
      token,
      body: { username: uniqueName('new') },
      headers: { 'user-agent': 'a browser' },
    });
    const { body } = await exported(token);
    expect(body.activity.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['user.exported', 'user.updated', 'session.opened']),
    );
    expect(body.activity.find(({ action }) => action === 'user.updated')).toMatchObject({
      address: '127.0.0.1',
      user_agent: 'a browser',
      outcome: 'success',
      data: { fields: 'username', previous_username: username },
    });
    expect(body.sessions).toMatchObject([{ address: '127.0.0.1', ended_at: null }]);
    expect(body.account.id).toBe(id);
  });

  it('gives the end reason of a session that was lost when the account was disabled', async () => {
    const account = await signedIn(app.url);
    for (const value of [false, true])
      await app.sql('UPDATE users SET is_active = $2 WHERE id = $1', [account.id, value]);
    const { body } = await exported(await signIn(app.url, account));
    const reasons = body.sessions.map(({ ended_at, end_reason }) => [ended_at, end_reason]);
    expect(reasons).toHaveLength(2);
    expect(reasons).toEqual(
      expect.arrayContaining([
        [null, 'account_disabled'],
        [null, null],
      ]),
    );
  });

  it('contains no secret and no hash of a secret', async () => {
    const account = await register(app.url);
    const tokens = await session(app.url, account);
    await createAccountData(app, account);
    const { text } = await exported(tokens.access_token);
    const secrets = await app.sql<{ secret: string }>(
      `SELECT hashed_password AS secret FROM users WHERE id = $1
       UNION ALL SELECT encode(token_hash, 'hex') FROM sessions WHERE user_id = $1
       UNION ALL SELECT encode(token_hash, 'base64') FROM sessions WHERE user_id = $1
       UNION ALL SELECT encode(token_hash, 'hex') FROM one_time_tokens WHERE user_id = $1
       UNION ALL SELECT encode(salt, 'hex') FROM audit_details WHERE subject_id = $1`,
      [account.id],
    );
    expect(secrets.length).toBeGreaterThan(4);
    for (const secret of [
      ...secrets.map((row) => row.secret),
      ...Object.values(tokens).map(String),
      account.password,
    ]) {
      if (secret !== 'bearer' && secret.length > 5) expect(text).not.toContain(secret);
    }
  });

  it('contains all rows of an account that has more than one page', async () => {
    const { id, token } = await signedIn(app.url);
    await app.sql(
      `INSERT INTO sessions (id, user_id, device_label, address, token_hash, created_at, idle_expires_at, expires_at, ended_at)
       SELECT gen_random_uuid(), $1, 'curl', '192.0.2.1', sha256(convert_to(n::text || $1::text, 'UTF8')),
              now() - n / 3 * interval '1 minute', now(), now(), now() FROM generate_series(1, 1100) AS n`.replaceAll(
        '$1',
        String(id),
      ),
    );
    await app.sql(
      `INSERT INTO audit_events (action, outcome, subject_id, data)
       SELECT 'login.failed', 'failure', ${id}, '{}' FROM generate_series(1, 1100)`,
    );
    const { body } = await exported(token);
    const rows = await countAccountRows(app, id);
    expect([rows.sessions, body.sessions.length]).toEqual([1101, 1101]);
    expect(body.activity).toHaveLength(rows.audit_events ?? 0);
    for (const list of [body.sessions, body.activity])
      expect(new Set(list.map((row) => row.id)).size).toBe(list.length);
  });

  it('aborts the response when the database fails midway', async () => {
    const { token } = await signedIn(app.url);
    jest.spyOn(app.nest.get(AuditReader), 'listFor').mockRejectedValue(new Error('Connection terminated'));
    await expect(exported(token)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
    jest.restoreAllMocks();
    expect((await exported(token)).status).toBe(200);
  });

  it('stops reading when the client disconnects', async () => {
    const { id, token } = await signedIn(app.url);
    await app.sql(
      `INSERT INTO audit_events (action, outcome, subject_id, data)
       SELECT 'login.failed', 'failure', ${id}, '{}' FROM generate_series(1, 30000)`,
    );
    const listFor = jest.spyOn(app.nest.get(AuditReader), 'listFor');
    const request = http.get(`${app.url}${EXPORT}`, { headers: { authorization: `Bearer ${token}` } });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    await once(response, 'readable');
    response.destroy();
    // The second export reads everything, so any excess comes from the first.
    const { body } = await exported(token);
    expect(body.activity.length).toBeGreaterThan(30_000);
    expect(listFor.mock.calls.length).toBeLessThan(2 * Math.ceil(body.activity.length / 500));
    jest.restoreAllMocks();
  });

  it('requires a token', async () => {
    expect((await send(app.url, EXPORT)).status).toBe(401);
  });
});

describe('GET /api/v1/users/me/export with rate limits', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { RATE_LIMIT: 'on' } });
  });
  afterAll(() => app.stop());

  it('allows ten exports per hour and account', async () => {
    const [one, other] = [await register(app.url), await register(app.url)];
    const token = await signIn(app.url, one);
    for (let time = 0; time < 10; time += 1) expect((await send(app.url, EXPORT, { token })).status).toBe(200);
    const refused = await send(app.url, EXPORT, { token });
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, expect.any(String)]);
    expect(refused.body).toEqual({ detail: 'Too many exports. Please try again later.' });
    expect((await send(app.url, EXPORT, { token: await signIn(app.url, other) })).status).toBe(200);
  });
});
