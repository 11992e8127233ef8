import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { OneTimeTokensService } from '../../src/auth/links/one-time-tokens.service.js';
import { inTransaction } from '../../src/platform/database/transaction.js';
import { User } from '../../src/users/user.entity.js';
import { type Account, register, session, signedIn, type Tokens, uniqueName } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { sessionOf } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';

const SESSIONS = '/api/v1/users/me/sessions';

describe('an account that is disabled and enabled again', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const statusOfMe = async (token: string) => (await send(app.url, '/api/v1/users/me', { token })).status;
  const statusOfRefresh = async (refresh_token: string) =>
    (await send(app.url, '/api/v1/auth/refresh', { body: { refresh_token } })).status;
  const statuses = async ({ access_token, refresh_token }: Tokens) => [
    await statusOfMe(access_token),
    await statusOfRefresh(refresh_token),
  ];
  const setActive = async ({ id }: Account, value: string) =>
    app.sql(`UPDATE users SET is_active = ${value} WHERE id = $1`, [id]);
  const epochOf = async ({ id }: Account) =>
    (await app.sql<{ epoch: number }>('SELECT session_epoch AS epoch FROM users WHERE id = $1', [id]))[0]?.epoch;

  it.each(['false', 'NULL'])('loses its sessions when is_active was %s', async (disabled) => {
    const account = await register(app.url);
    const before = await session(app.url, account);
    const parent = await session(app.url, account);
    const refreshed = await send<Tokens>(app.url, '/api/v1/auth/refresh', {
      body: { refresh_token: parent.refresh_token },
    });
    await setActive(account, disabled);
    expect(await statuses(before)).toEqual([401, 401]);
    await setActive(account, 'true');
    for (const tokens of [before, parent, refreshed.body]) expect(await statuses(tokens)).toEqual([401, 401]);

    const after = await session(app.url, account);
    const list = await send<{ items: { id: string }[]; total: number }>(app.url, `${SESSIONS}?include_total=true`, {
      token: after.access_token,
    });
    expect(list.body).toMatchObject({ items: [{ id: sessionOf(after.access_token) }], total: 1 });
    expect(await statuses(after)).toEqual([200, 200]);
    expect(await statuses(before)).toEqual([401, 401]);
  });

  it('loses them if both happen in one transaction, every time', async () => {
    const account = await register(app.url);
    for (let round = 0; round < 3; round += 1) {
      const tokens = await session(app.url, account);
      expect(await statusOfMe(tokens.access_token)).toBe(200);
      await app.sql(
        `UPDATE users SET is_active = false WHERE id = ${account.id}; UPDATE users SET is_active = true WHERE id = ${account.id}`,
      );
      expect(await statuses(tokens)).toEqual([401, 401]);
    }
  });

  it.each([
    ['writes the same flag', 'is_active = true'],
    ['changes something else', 'updated_at = now(), is_superuser = true'],
  ])('keeps them if an update %s', async (_, columns) => {
    const account = await register(app.url);
    const tokens = await session(app.url, account);
    await app.sql(`UPDATE users SET ${columns} WHERE id = $1`, [account.id]);
    expect([await epochOf(account), ...(await statuses(tokens))]).toEqual([0, 200, 200]);
  });

  it('treats NULL as disabled', async () => {
    const account = await register(app.url);
    const epochs: (number | undefined)[] = [];
    for (const value of ['NULL', 'false', 'NULL', 'true', 'true', 'false']) {
      await setActive(account, value);
      epochs.push(await epochOf(account));
    }
    expect(epochs).toEqual([1, 1, 1, 2, 2, 3]);
  });

  it('does not count earlier sessions towards the session cap', async () => {
    const account = await register(app.url);
    const { access_token } = await session(app.url, account, { 'user-agent': 'okhttp/4' });
    await app.sql(
      `INSERT INTO sessions (id, user_id, idle_expires_at, expires_at, device_label, address, token_hash)
       SELECT gen_random_uuid(), user_id, idle_expires_at, expires_at, device_label, address, token_hash
         FROM sessions, generate_series(1, 200) WHERE id = $1`,
      [sessionOf(access_token)],
    );
    await setActive(account, 'false');
    await setActive(account, 'true');
    const first = await session(app.url, account, { 'user-agent': 'curl/8' });
    await app.sql("UPDATE sessions SET last_used_at = now() - interval '1 hour' WHERE user_id = $1", [account.id]);
    await session(app.url, account, { 'user-agent': 'curl/8' });
    expect(await statusOfMe(first.access_token)).toBe(200);
  });

  it('can be changed by a role with rights on users only, with any search path', async () => {
    const role = `python_${app.database.database}`;
    await app.sql(`CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT SELECT, UPDATE (is_active) ON users TO ${role}`);
    const account = await signedIn(app.url);
    const client = new pg.Client({ ...app.database, user: role, password: 'x', options: '-c search_path=nowhere' });
    await client.connect();
    try {
      for (const value of ['false', 'true']) {
        await client.query(`UPDATE public.users SET is_active = ${value} WHERE id = $1`, [account.id]);
      }
    } finally {
      await client.end();
      await app.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
    expect([await epochOf(account), await statusOfMe(account.token)]).toEqual([2, 401]);
  });

  it('can have live sessions that the previous release opens without an epoch', async () => {
    const account = await register(app.url);
    await setActive(account, 'false');
    await setActive(account, 'true');
    const { access_token } = await session(app.url, account);
    const copy = '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88';
    await app.sql(
      `SET search_path = pg_catalog;
       INSERT INTO public.sessions (id, user_id, idle_expires_at, expires_at, device_label, address, token_hash)
       SELECT '${copy}', user_id, idle_expires_at, expires_at, device_label, address, token_hash
         FROM public.sessions WHERE id = '${sessionOf(access_token)}'`,
    );
    const list = await send<{ items: { id: string }[] }>(app.url, SESSIONS, { token: access_token });
    expect(list.body.items.map(({ id }) => id)).toContain(copy);
  });

  describe('loses its links', () => {
    /** Inserts the row of a link without an epoch, as the previous release does. */
    const linkTo = async ({ id }: Account, purpose: string) => {
      const token = randomBytes(32).toString('base64url');
      await app.sql(
        `INSERT INTO one_time_tokens (id, user_id, purpose, email, token_hash, expires_at)
         VALUES (gen_random_uuid(), $1, $2, $3, sha256($4::bytea), now() + interval '1 hour')`,
        [
          id,
          purpose,
          (await app.sql<{ email: string }>('SELECT email FROM users WHERE id = $1', [id]))[0]?.email,
          token,
        ],
      );
      return token;
    };
    const withAddress = async () => register(app.url, { email: `${uniqueName()}@example.com` });
    const disableAndEnable = async (account: Account) => {
      await setActive(account, 'false');
      await setActive(account, 'true');
    };

    it.each([
      ['password_reset', 'reset-password', { new_password: 'kestrel-voyage-amber' }],
      ['email_verification', 'verify-email', {}],
      ['email_change', 'confirm-email', {}],
    ])('that were already sent: %s', async (purpose, path, fields) => {
      const account = await withAddress();
      const use = async (token: string) =>
        (await send(app.url, `/api/v1/auth/${path}`, { body: { token, ...fields } })).status;
      const before = await linkTo(account, purpose);
      await disableAndEnable(account);
      expect(await use(before)).toBe(400);
      expect(await use(await linkTo(account, purpose))).toBe(204);
    });

    it('whose message is sent afterwards', async () => {
      const links = app.nest.get(OneTimeTokensService);
      const { id, ...account } = await withAddress();
      const email = 'a@example.com';
      const ordered = async () =>
        inTransaction(app.nest.get(DataSource), async (tx) => {
          const user = { ...(await tx.findOneByOrFail(User, { id })), email };
          return links.findOrCreate(tx, { user, purpose: 'password_reset', email });
        });
      const before = await ordered();
      await disableAndEnable({ id, ...account });
      expect(await links.issue(before, 'password_reset', { email })).toBeNull();
      expect(await links.issue(await ordered(), 'password_reset', { email })).toMatchObject({ userId: id });
    });
  });
});
