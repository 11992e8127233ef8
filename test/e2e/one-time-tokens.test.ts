import { DataSource } from 'typeorm';
import { OneTimeTokensService } from '../../src/auth/links/one-time-tokens.service.js';
import type { TokenPurpose } from '../../src/auth/links/one-time-token.entity.js';
import { User } from '../../src/users/user.entity.js';
import { register, uniqueName } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const AT_ONCE = 100;

type Owner = { id: number; email: string };

describe('a one-time token', () => {
  let app: TestApp;
  let tokens: OneTimeTokensService;

  beforeAll(async () => {
    // A hundred concurrent requests may wait for their hashes.
    app = await TestApp.start({ settings: { HASH_WAIT_MS: '60000' } });
    tokens = app.nest.get(OneTimeTokensService, { strict: false });
  });
  afterAll(() => app.stop());

  const newAddress = () => `${uniqueName('once')}@example.com`;
  const account = async () => {
    const email = newAddress();
    return { ...(await register(app.url, { email })), email };
  };
  const order = async ({ id, email: own }: Owner, purpose: TokenPurpose, email = own) =>
    app.nest
      .get(DataSource)
      .transaction(async (tx) =>
        tokens.findOrCreate(tx, { user: { ...(await tx.findOneByOrFail(User, { id })), email: own }, purpose, email }),
      );

  async function tokenFor(purpose: TokenPurpose): Promise<{ id: number; token: string }> {
    const user = await account();
    const target = purpose === 'email_change' ? newAddress() : user.email;
    const armed = await tokens.issue(await order(user, purpose, target), purpose, user);
    return { id: user.id, token: String(armed?.token) };
  }

  const USES = [
    ['password_reset', 'reset-password', { new_password: 'kestrel-voyage-amber' }, 'password.reset', 400],
    ['email_verification', 'verify-email', {}, 'email.verified', 204],
    ['email_change', 'confirm-email', {}, 'email.changed', 204],
  ] as const;

  it.each(USES)('for %s takes effect once in a hundred concurrent uses', async (purpose, path, more, action, later) => {
    const { id, token } = await tokenFor(purpose);
    const redeem = async () => send(app.url, `/api/v1/auth/${path}`, { body: { token, ...more } });
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, redeem));
    const statuses = answers.map(({ status }) => status);
    const [first, ...others] = statuses.toSorted((a, b) => a - b);
    expect(first).toBe(204);
    expect(others).toEqual(Array.from({ length: AT_ONCE - 1 }, () => later));
    const [row] = await app.sql(
      'SELECT count(*)::int AS count FROM audit_events WHERE subject_id = $1 AND action = $2',
      [id, action],
    );
    expect(row).toEqual({ count: 1 });
  });

  it.each(USES)(
    'for %s is invalid once the account is disabled, even after it is enabled again',
    async (purpose, path, more) => {
      const { id, token } = await tokenFor(purpose);
      const redeem = async () => (await send(app.url, `/api/v1/auth/${path}`, { body: { token, ...more } })).status;
      await app.sql('UPDATE users SET is_active = false WHERE id = $1', [id]);
      expect(await redeem()).toBe(400);
      await app.sql('UPDATE users SET is_active = true WHERE id = $1', [id]);
      expect(await redeem()).toBe(400);
    },
  );

  it.each([
    ['password_reset', 30],
    ['email_verification', 24 * 60],
    ['email_change', 60],
  ] as const)('for %s is valid for %i minutes from sending', async (purpose, minutes) => {
    const user = await account();
    const ordered = await order(user, purpose);
    await app.sql("UPDATE one_time_tokens SET created_at = now() - interval '1 day' WHERE id = $1", [ordered]);
    expect((await tokens.issue(ordered, purpose, user))?.validMinutes).toBe(minutes);
  });

  it('is the same in every attempt to send its message', async () => {
    const user = await account();
    const ordered = await order(user, 'password_reset');
    const arm = async () => tokens.issue(ordered, 'password_reset', user);
    const [first, second] = [await arm(), await arm()];
    expect(first?.token).toMatch(/^[\w-]{43}$/);
    expect(second?.token).toBe(first?.token);
    await app.sql(`UPDATE one_time_tokens SET expires_at = expires_at - interval '20 minutes' WHERE id = $1`, [
      ordered,
    ]);
    const third = await arm();
    // A later message states only the remaining time.
    expect([first?.validMinutes, third?.validMinutes]).toEqual([30, 10]);
  });

  it('is not sent once it has expired', async () => {
    const user = await account();
    const ordered = await order(user, 'password_reset');
    await tokens.issue(ordered, 'password_reset', user);
    await app.sql(`UPDATE one_time_tokens SET expires_at = now() - interval '1 second' WHERE id = $1`, [ordered]);
    expect(await tokens.issue(ordered, 'password_reset', user)).toBeNull();
  });

  it('is not sent for another purpose, to another address or once it is redeemed', async () => {
    const user = await account();
    const ordered = await order(user, 'email_verification');
    expect(await tokens.issue(ordered, 'password_reset', user)).toBeNull();
    for (const email of [null, newAddress(), user.email.toUpperCase()])
      expect(await tokens.issue(ordered, 'email_verification', { email })).toBeNull();
    const armed = await tokens.issue(ordered, 'email_verification', user);
    const body = { token: armed?.token };
    expect((await send(app.url, '/api/v1/auth/verify-email', { body })).status).toBe(204);
    expect(await tokens.issue(ordered, 'email_verification', user)).toBeNull();
  });

  it.each([
    ['email_verification', 'verify-email'],
    ['email_change', 'confirm-email'],
  ] as const)(
    'for %s is accepted until it expires when a newer one for the same address is redeemed',
    async (purpose, path) => {
      const user = await account();
      const email = purpose === 'email_change' ? newAddress() : user.email;
      const older = await order(user, purpose, email);
      const olderToken = (await tokens.issue(older, purpose, user))?.token;
      await app.sql("UPDATE one_time_tokens SET expires_at = now() + interval '10 minutes' WHERE id = $1", [older]);
      const newer = (await tokens.issue(await order(user, purpose, email), purpose, user))?.token;
      expect(newer).not.toBe(olderToken);
      const statusOf = async (token?: string) =>
        (await send(app.url, `/api/v1/auth/${path}`, { body: { token } })).status;
      expect([await statusOf(newer), await statusOf(olderToken)]).toEqual([204, 204]);
      await app.sql("UPDATE one_time_tokens SET expires_at = now() - interval '1 second' WHERE id = $1", [older]);
      expect(await statusOf(olderToken)).toBe(400);
    },
  );

  it('for password_reset is invalid once another one is redeemed', async () => {
    const user = await account();
    const older = await order(user, 'password_reset');
    const olderToken = (await tokens.issue(older, 'password_reset', user))?.token;
    await app.sql("UPDATE one_time_tokens SET expires_at = now() + interval '10 minutes' WHERE id = $1", [older]);
    const newer = (await tokens.issue(await order(user, 'password_reset'), 'password_reset', user))?.token;
    const statusOf = async (token?: string) =>
      (await send(app.url, '/api/v1/auth/reset-password', { body: { token, new_password: 'kestrel-voyage-amber' } }))
        .status;
    expect([await statusOf(newer), await statusOf(olderToken)]).toEqual([204, 400]);
  });

  it('is reused by a new request while it is unsent or has half of its lifetime left', async () => {
    const user = await account();
    const first = await order(user, 'password_reset');
    expect(await order(user, 'password_reset')).toBe(first);
    await tokens.issue(first, 'password_reset', user);
    expect(await order(user, 'password_reset')).toBe(first);
    await app.sql(`UPDATE one_time_tokens SET expires_at = now() + interval '14 minutes' WHERE id = $1`, [first]);
    const second = await order(user, 'password_reset');
    expect(second).not.toBe(first);
    expect(await order(user, 'password_reset')).toBe(second);
    // Both work, since a newer request does not revoke the older one.
    for (const each of [first, second]) expect(await tokens.issue(each, 'password_reset', user)).not.toBeNull();
  });

  it('for email_change is revoked by a request for another address, but not for the same one', async () => {
    const user = await account();
    const mistyped = await order(user, 'email_change', newAddress());
    const email = newAddress();
    const wanted = await order(user, 'email_change', email);
    expect(await order(user, 'email_change', email)).toBe(wanted);
    expect(await tokens.issue(mistyped, 'email_change', user)).toBeNull();
    expect(await tokens.issue(wanted, 'email_change', user)).not.toBeNull();
    // A link that was requested under another address of the account is not reused.
    expect(await order({ ...user, email: newAddress() }, 'email_change', email)).not.toBe(wanted);
  });

  it('is not revoked by a request for another purpose, and a notice is never revoked', async () => {
    const user = await account();
    const { id, email } = user;
    const reset = await order(user, 'password_reset');
    await order(user, 'email_change', newAddress());
    expect(await tokens.issue(reset, 'password_reset', user)).not.toBeNull();
    const notice = await app.nest.get(DataSource).transaction(async (tx) => {
      const ordered = await tokens.createNotice(tx, { userId: id, email });
      await tokens.revoke(tx, id, ['password_reset', 'email_verification', 'email_change']);
      return ordered;
    });
    expect(await tokens.find(reset)).toBeNull();
    expect(await tokens.find(notice)).toMatchObject({ userId: id, email });
  });

  it('is deleted with its account and a week after it expires', async () => {
    const count = async (id: number) =>
      (await app.sql<{ count: number }>('SELECT count(*)::int FROM one_time_tokens WHERE user_id = $1', [id]))[0]
        ?.count;
    const { id } = await tokenFor('password_reset');
    await order({ id, email: newAddress() }, 'email_change', newAddress());
    const fresh = await tokenFor('password_reset');
    await app.sql(
      `UPDATE one_time_tokens SET created_at = now() - interval '8 days', expires_at = expires_at - interval '31 minutes'
        WHERE user_id = $1`,
      [id],
    );
    await tokens.purge();
    expect([await count(id), await count(fresh.id)]).toEqual([0, 1]);
    await app.sql('DELETE FROM users WHERE id = $1', [fresh.id]);
    expect(await count(fresh.id)).toBe(0);
  });
});
