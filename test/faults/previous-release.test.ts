import pino from 'pino';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { revertMigration } from '../../src/migrations/commands.js';
import { type Account, PASSWORD, register, session, type Tokens, uniqueName } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { buildPreviousRelease, NEWEST_MIGRATION } from '../support/previous-release.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { sessionOf } from '../support/sessions.js';
import { SmtpInbox, tokenIn } from '../support/smtp-server.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';

jest.setTimeout(180_000);

const ME = '/api/v1/users/me';
const NEW_PASSWORD = 'kestrel-voyage-amber';

type Release = 'old' | 'new';
const BOTH_WAYS: [Release, Release][] = [
  ['old', 'new'],
  ['new', 'old'],
];

/** During a reload both releases run on one database. */
describe('the previous release and this one on one database', () => {
  const urls: Record<Release, string> = { old: '', new: '' };
  const builds: ServiceBuild[] = [];
  let database: DatabaseSettings;
  let inbox: SmtpInbox;
  let old: ServiceProcess;
  let current: ServiceProcess;
  /** Created by the previous release before this one has migrated the database. */
  let before: Account & { email: string; tokens: Tokens; resetToken: string; verificationToken: string };

  beforeAll(async () => {
    const [previous, present] = await Promise.all([buildPreviousRelease(), ServiceBuild.make()]);
    builds.push(previous, present);
    database = await createDatabase({ empty: true });
    inbox = await SmtpInbox.start();
    const common = {
      ...variablesOf(database),
      ...inbox.settings,
      DEBUG: 'True',
      BCRYPT_ROUNDS: '10',
      RATE_LIMIT: 'off',
      EMAIL_VERIFICATION: 'optional',
    };
    old = previous.start(common);
    urls.old = await old.ready();
    const account = await registered('old');
    const verificationToken = await linkOf(account.email, 'verify-email');
    const tokens = await session(urls.old, account);
    await forgot('old', account.email);
    before = { ...account, tokens, verificationToken, resetToken: await linkOf(account.email, 'reset-password') };
    current = present.start(common);
    urls.new = await current.ready();
  });
  afterAll(async () => {
    await Promise.all([old.stop(), current.stop()]);
    for (const build of builds) build.remove();
    await inbox.stop();
    await dropDatabase(database);
  });

  async function registered(on: Release): Promise<Account & { email: string }> {
    const email = `${uniqueName()}@example.com`;
    return { ...(await register(urls[on], { email })), email };
  }
  const linkOf = async (email: string, page: string): Promise<string> =>
    tokenIn(
      await inbox.next(({ envelope, text }) => envelope.to.includes(email) && text.includes(`/account/${page}#`)),
    );
  const post = async (on: Release, path: string, body?: object, token = ''): Promise<Received<Tokens>> =>
    send(urls[on], `/api/v1/auth/${path}`, { method: 'POST', ...(body ? { body } : {}), ...(token ? { token } : {}) });
  const forgot = async (on: Release, email: string) => post(on, 'forgot-password', { email });
  const refresh = async (on: Release, refresh_token: string) => post(on, 'refresh', { refresh_token });
  const statusOfMe = async (on: Release, token: string) => (await send(urls[on], ME, { token })).status;
  const expectDead = async ({ access_token, refresh_token }: Tokens) => {
    for (const on of ['old', 'new'] as const) {
      expect([on, await statusOfMe(on, access_token), (await refresh(on, refresh_token)).status]).toEqual([
        on,
        401,
        401,
      ]);
    }
  };

  it('keep a session that was opened before the upgrade', async () => {
    let tokens = before.tokens;
    for (const on of ['new', 'old', 'new', 'new', 'old', 'old', 'new'] as const) {
      expect([await statusOfMe('old', tokens.access_token), await statusOfMe('new', tokens.access_token)]).toEqual([
        200, 200,
      ]);
      const refreshed = await refresh(on, tokens.refresh_token);
      expect([on, refreshed.status]).toEqual([on, 200]);
      tokens = refreshed.body;
    }
  });

  const authenticationOf = async ({ access_token }: Tokens) =>
    query(database, 'SELECT aal, amr, authenticated_at = created_at AS at_sign_in FROM sessions WHERE id = $1', [
      sessionOf(access_token),
    ]);
  const BY_PASSWORD = [{ aal: 1, amr: ['pwd'], at_sign_in: true }];

  it('treat the sign-in as the last authentication of sessions of the previous release', async () => {
    expect(await authenticationOf(before.tokens)).toEqual(BY_PASSWORD);
    const account = await registered('old');
    const tokens = await session(urls.old, account);
    expect(await authenticationOf(tokens)).toEqual(BY_PASSWORD);
    const exported = async () => (await send(urls.new, `${ME}/export`, { token: tokens.access_token })).status;
    expect(await exported()).toBe(200);
    await query(database, `UPDATE sessions SET authenticated_at = now() - interval '1 day' WHERE id = $1`, [
      sessionOf(tokens.access_token),
    ]);
    expect(await exported()).toBe(403);
    expect((await refresh('old', tokens.refresh_token)).status).toBe(200);
    expect(await exported()).toBe(403);
    expect((await post('new', 'reauthenticate', { password: PASSWORD }, tokens.access_token)).status).toBe(204);
    expect(await exported()).toBe(200);
  });

  it.each(BOTH_WAYS)('each redeem a link once: sent by %s, redeemed on %s', async (from, to) => {
    const { email, username } = from === 'old' ? before : await registered(from);
    const verificationToken = from === 'old' ? before.verificationToken : await linkOf(email, 'verify-email');
    if (from === 'new') await forgot(from, email);
    const resetToken = from === 'old' ? before.resetToken : await linkOf(email, 'reset-password');
    expect((await post(to, 'verify-email', { token: verificationToken })).status).toBe(204);
    const reset = { token: resetToken, new_password: NEW_PASSWORD };
    expect((await post(to, 'reset-password', reset)).status).toBe(204);
    for (const on of [from, to]) expect((await post(on, 'reset-password', reset)).status).toBe(400);
    for (const on of [from, to]) await session(urls[on], { username, password: NEW_PASSWORD });
    const [user] = await query(
      database,
      'SELECT email_verified_at IS NOT NULL AS verified FROM users WHERE username = $1',
      [username],
    );
    expect(user).toEqual({ verified: true });
  });

  it.each(BOTH_WAYS)('accept a session that %s opened also on %s, and refresh it in turn', async (from, to) => {
    const account = await registered(from);
    let tokens = await session(urls[from], account);
    for (const on of [to, from, to, to, from]) {
      expect([await statusOfMe(from, tokens.access_token), await statusOfMe(to, tokens.access_token)]).toEqual([
        200, 200,
      ]);
      const refreshed = await refresh(on, tokens.refresh_token);
      expect(refreshed.status).toBe(200);
      tokens = refreshed.body;
    }
  });

  it.each(BOTH_WAYS)('return the same child for a refresh on %s and its repetition on %s', async (from, to) => {
    const account = await registered(from);
    const parent = await session(urls[from], account);
    const [child, repeated] = [await refresh(from, parent.refresh_token), await refresh(to, parent.refresh_token)];
    expect([child.status, repeated.status]).toEqual([200, 200]);
    expect(repeated.body.refresh_token).toBe(child.body.refresh_token);
  });

  it.each(BOTH_WAYS)('revoke a session of %s by a logout on %s', async (from, to) => {
    const account = await registered(from);
    const [tokens, byRefreshToken] = [await session(urls[from], account), await session(urls[from], account)];
    expect((await post(to, 'logout', undefined, tokens.access_token)).status).toBe(204);
    expect((await post(to, 'logout', { refresh_token: byRefreshToken.refresh_token })).status).toBe(204);
    await expectDead(tokens);
    await expectDead(byRefreshToken);
  });

  it.each(BOTH_WAYS)('revoke the sessions of %s by a new password on %s', async (from, to) => {
    const account = await registered(from);
    const [lost, mine] = [await session(urls[from], account), await session(urls[to], account)];
    const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    const changed = await send(urls[to], `${ME}/password`, { method: 'PUT', body, token: mine.access_token });
    expect(changed.status).toBe(204);
    await expectDead(lost);
    for (const on of ['old', 'new'] as const) expect(await statusOfMe(on, mine.access_token)).toBe(200);
  });

  it.each(BOTH_WAYS)('refuse a disabled account, and sign it in on %s and %s once it is enabled', async (from, to) => {
    const account = await registered(from);
    const tokens = await session(urls[from], account);
    const setActive = async (isActive: boolean) =>
      query(database, 'UPDATE users SET is_active = $2 WHERE id = $1', [account.id, isActive]);
    await setActive(false);
    for (const on of [from, to]) expect(await statusOfMe(on, tokens.access_token)).toBe(401);
    await setActive(true);
    for (const on of [from, to]) {
      const fresh = await session(urls[on], account);
      for (const each of [from, to])
        expect([on, each, await statusOfMe(each, fresh.access_token)]).toEqual([on, each, 200]);
    }
  });

  it('still allow the previous release to work after the migrations of this one are reverted', async () => {
    const account = await registered('new');
    const tokens = await session(urls.new, account);
    await current.stop();
    const newest = async () =>
      (await query<{ name: string }>(database, 'SELECT name FROM schema_migrations ORDER BY id DESC LIMIT 1'))[0]?.name;
    for (let reverted = 0; (await newest()) !== NEWEST_MIGRATION && reverted < 20; reverted += 1) {
      await revertMigration(database, pino({ enabled: false }));
    }
    expect(await newest()).toBe(NEWEST_MIGRATION);
    await expect(authenticationOf(tokens)).rejects.toThrow('column "aal" does not exist');
    expect(await statusOfMe('old', tokens.access_token)).toBe(200);
    const refreshed = await refresh('old', tokens.refresh_token);
    expect(refreshed.status).toBe(200);
    await forgot('old', account.email);
    const reset = { token: await linkOf(account.email, 'reset-password'), new_password: NEW_PASSWORD };
    expect((await post('old', 'reset-password', reset)).status).toBe(204);
    const again = await session(urls.old, { username: account.username, password: NEW_PASSWORD });
    expect((await post('old', 'logout', undefined, again.access_token)).status).toBe(204);
    expect(
      (await send(urls.old, '/api/v1/auth/register', { body: { username: uniqueName(), password: PASSWORD } })).status,
    ).toBe(200);
    const restarted = builds[0]?.start({ ...variablesOf(database), DEBUG: 'True', WORKER: 'off' });
    const url = (await restarted?.ready()) ?? '';
    await session(url, { username: account.username, password: NEW_PASSWORD });
    await restarted?.stop();
  });
});
