import { PASSWORD, register, signedIn, signIn, uniqueName } from '../support/accounts.js';
import { type Sent, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const NEW_PASSWORD = 'kestrel-voyage-amber';
const ME = '/api/v1/users/me';
const WRONG = [400, '{"detail":"Incorrect password"}'];

describe('PUT /api/v1/users/me/password', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { RATE_LIMIT: 'on', RATE_LIMIT_LOGIN_ACCOUNT: '4' } });
  });
  afterAll(() => app.stop());

  const change = async (token: string | undefined, fields: object = {}, more: Sent = {}) =>
    send<{ detail: object[] }>(app.url, `${ME}/password`, {
      method: 'PUT',
      body: { current_password: PASSWORD, new_password: NEW_PASSWORD, ...fields },
      ...(token ? { token } : {}),
      ...more,
    });
  const statusOfMe = async (token: string) => (await send(app.url, ME, { token })).status;
  const actionsOf = async (id: number) =>
    (
      await app.sql<{ action: string }>('SELECT action FROM audit_events WHERE subject_id = $1 ORDER BY occurred_at', [
        id,
      ])
    )
      .map(({ action }) => action)
      .filter((action) => action.startsWith('password.'));
  const jobsOf = async (id: number) =>
    app.sql(`SELECT payload FROM graphile_worker._private_jobs WHERE (payload->>'userId')::int = $1`, [id]);

  it('changes the password, ends the other sessions and keeps the current one', async () => {
    const account = await signedIn(app.url, { email: `${uniqueName()}@example.com` });
    const other = await signIn(app.url, account);
    const answer = await change(account.token);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect([await statusOfMe(account.token), await statusOfMe(other)]).toEqual([200, 401]);
    await expect(signIn(app.url, account)).rejects.toThrow('401');
    await signIn(app.url, { ...account, password: NEW_PASSWORD });
    expect(await actionsOf(account.id)).toEqual(['password.changed']);
    expect(await jobsOf(account.id)).toContainEqual({
      payload: expect.objectContaining({ template: 'password-changed', userId: account.id }) as object,
    });
  });

  it('records the origin of the change and of the ended sessions', async () => {
    const account = await signedIn(app.url);
    await signIn(app.url, account);
    const headers = { 'user-agent': 'curl/8', 'x-request-id': 'change-1' };
    expect((await change(account.token, {}, { headers })).status).toBe(204);
    const from = await app.sql(
      `SELECT action, e.actor_id, request_id, address, user_agent
         FROM audit_events e LEFT JOIN audit_details d ON d.event_id = e.id AND d.occurred_at = e.occurred_at
        WHERE e.subject_id = $1 AND action IN ('session.ended', 'password.changed') ORDER BY e.id`,
      [account.id],
    );
    const by = { actor_id: account.id, request_id: 'change-1', address: '127.0.0.1', user_agent: 'curl/8' };
    expect(from).toEqual([
      { action: 'session.ended', ...by },
      { action: 'password.changed', ...by },
    ]);
  });

  it('revokes a requested link that is not yet sent', async () => {
    const email = `${uniqueName()}@example.com`;
    const account = await signedIn(app.url, { email });
    await send(app.url, '/api/v1/auth/forgot-password', { body: { email } });
    expect(await jobsOf(account.id)).toHaveLength(1);
    expect((await change(account.token)).status).toBe(204);
    expect(await jobsOf(account.id)).toEqual([
      { payload: expect.objectContaining({ template: 'password-changed' }) as object },
    ]);
  });

  it('sets updated_at and stores a $2b$ hash', async () => {
    const { id, token } = await signedIn(app.url);
    await change(token);
    const [row] = await app.sql<{ updated: boolean; hash: string }>(
      `SELECT updated_at >= created_at AS updated, hashed_password AS hash FROM users WHERE id = $1`,
      [id],
    );
    expect(row).toEqual({ updated: true, hash: expect.stringMatching(/^\$2b\$/) as string });
  });

  it('sends no notice for an account without an address', async () => {
    const { id, token } = await signedIn(app.url);
    expect((await change(token)).status).toBe(204);
    expect(await jobsOf(id)).toEqual([]);
  });

  it('responds with 400 to a wrong current password and records it', async () => {
    const { id, token } = await signedIn(app.url);
    const answer = await change(token, { current_password: 'not the password' });
    expect([answer.status, answer.text]).toEqual(WRONG);
    expect(answer.headers['www-authenticate']).toBeUndefined();
    expect(await actionsOf(id)).toEqual(['password.refused']);
    expect(await statusOfMe(token)).toBe(200);
  });

  it('throttles a session after wrong passwords until the window ends', async () => {
    const { token, ...account } = await signedIn(app.url);
    const wrong = { current_password: 'not the password' };
    for (let tries = 0; tries < 4; tries += 1) expect((await change(token, wrong)).status).toBe(400);
    const refused = await change(token);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await signIn(app.url, account);
    await app.sql(`UPDATE rate_limits SET expires_at = now() - interval '1 second'`);
    expect((await change(token)).status).toBe(204);
  });

  it.each([
    ['five characters', { new_password: 'abcde' }, 'new_password', 'string_too_short'],
    ['73 bytes', { new_password: 'p'.repeat(73) }, 'new_password', 'value_error'],
    ['a NUL', { new_password: 'abcdefgh\0' }, 'new_password', 'string_unicode'],
    ['the current password', { new_password: PASSWORD }, 'new_password', 'value_error'],
    ['a number', { new_password: 12345678 }, 'new_password', 'string_type'],
    ['no current password', { current_password: null }, 'current_password', 'string_type'],
  ])('responds with 422 to %s without echoing it', async (_name, fields, field, type) => {
    const { token, ...account } = await signedIn(app.url);
    const answer = await change(token, fields);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([{ type, loc: ['body', field], input: '**********' }]);
    await signIn(app.url, account);
  });

  it('requires the token of an active account', async () => {
    expect((await change(undefined)).status).toBe(401);
    const { id, token } = await signedIn(app.url);
    await app.sql('UPDATE users SET is_active = false WHERE id = $1', [id]);
    expect((await change(token)).status).toBe(401);
  });

  it('accepts one of ten concurrent changes from the same password', async () => {
    const account = await signedIn(app.url);
    const words = Array.from({ length: 10 }, (_, number) => `kestrel-voyage-${number}`);
    const answers = await Promise.all(words.map(async (new_password) => change(account.token, { new_password })));
    const done = words.filter((_, place) => answers[place]?.status === 204);
    expect(done).toHaveLength(1);
    for (const { status } of answers) expect([204, 400, 429]).toContain(status);
    await app.sql(`UPDATE rate_limits SET expires_at = now() - interval '1 second'`);
    await signIn(app.url, { ...account, password: String(done[0]) });
    expect((await actionsOf(account.id)).filter((action) => action === 'password.changed')).toHaveLength(1);
  });

  it('does not change another account', async () => {
    const [mine, theirs] = [await signedIn(app.url), await register(app.url)];
    await change(mine.token, { id: theirs.id, username: theirs.username, user_id: theirs.id });
    await signIn(app.url, theirs);
  });
});
