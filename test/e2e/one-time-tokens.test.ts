import { DataSource } from 'typeorm';
import { OneTimeTokens } from '../../src/auth/one-time-tokens/one-time-tokens.service.js';
import type { TokenPurpose } from '../../src/auth/one-time-tokens/one-time-token.entity.js';
import { register, uniqueName } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const AT_ONCE = 100;

describe('a one-time token', () => {
  let app: TestApp;
  let tokens: OneTimeTokens;

  beforeAll(async () => {
    // Hashes of a hundred requests at once may wait as long as they need here.
    app = await TestApp.start({ settings: { HASH_WAIT_MS: '60000' } });
    tokens = app.nest.get(OneTimeTokens, { strict: false });
  });
  afterAll(() => app.stop());

  const newAddress = () => `${uniqueName('once')}@example.com`;
  const order = async (userId: number, purpose: TokenPurpose, email: string) =>
    app.nest.get(DataSource).transaction(async (tx) => tokens.order(tx, { userId, purpose, email }));

  async function tokenFor(purpose: TokenPurpose): Promise<{ id: number; token: string }> {
    const email = newAddress();
    const { id } = await register(app.url, { email });
    const target = purpose === 'email_change' ? newAddress() : email;
    const armed = await tokens.arm(await order(id, purpose, target), purpose);
    return { id, token: String(armed?.token) };
  }

  const USES = [
    ['password_reset', 'reset-password', { new_password: 'kestrel-voyage-amber' }, 'password.reset'],
    ['email_verification', 'verify-email', {}, 'email.verified'],
    ['email_change', 'confirm-email', {}, 'email.changed'],
  ] as const;

  it.each(USES)('for a %s has one winner of a hundred (A55, B15)', async (purpose, path, more, action) => {
    const { id, token } = await tokenFor(purpose);
    const redeem = async () => send(app.url, `/api/v1/auth/${path}`, { body: { token, ...more } });
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, redeem));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    expect(statuses.filter((status) => status === 400)).toHaveLength(AT_ONCE - 1);
    const [row] = await app.sql(
      'SELECT count(*)::int AS count FROM audit_events WHERE subject_id = $1 AND action = $2',
      [id, action],
    );
    expect(row).toEqual({ count: 1 });
  });

  it.each(USES)('for a %s is good for nothing while the account is disabled', async (purpose, path, more) => {
    const { id, token } = await tokenFor(purpose);
    const redeem = async () => (await send(app.url, `/api/v1/auth/${path}`, { body: { token, ...more } })).status;
    await app.sql('UPDATE users SET is_active = false WHERE id = $1', [id]);
    expect(await redeem()).toBe(400);
    await app.sql('UPDATE users SET is_active = true WHERE id = $1', [id]);
    expect(await redeem()).toBe(204);
  });

  it.each([
    ['password_reset', 30],
    ['email_verification', 24 * 60],
    ['email_change', 60],
  ] as const)('for a %s lasts %i minutes from the sending (A54)', async (purpose, minutes) => {
    const { id } = await register(app.url, { email: newAddress() });
    const ordered = await order(id, purpose, newAddress());
    await app.sql("UPDATE one_time_tokens SET created_at = now() - interval '1 day' WHERE id = $1", [ordered]);
    expect((await tokens.arm(ordered, purpose))?.validMinutes).toBe(minutes);
  });

  it('is the same at every try to send its message, and good from the first (A49)', async () => {
    const { id } = await register(app.url, { email: newAddress() });
    const ordered = await order(id, 'password_reset', newAddress());
    const [first, second] = [await tokens.arm(ordered, 'password_reset'), await tokens.arm(ordered, 'password_reset')];
    expect(first?.token).toMatch(/^[\w-]{43}$/);
    expect(second?.token).toBe(first?.token);
    await app.sql(`UPDATE one_time_tokens SET expires_at = expires_at - interval '20 minutes' WHERE id = $1`, [
      ordered,
    ]);
    const third = await tokens.arm(ordered, 'password_reset');
    // What the message says, not more than there is left.
    expect([first?.validMinutes, third?.validMinutes]).toEqual([30, 10]);
  });

  it('does not begin to be good again when its message is sent late once more', async () => {
    const { id } = await register(app.url, { email: newAddress() });
    const ordered = await order(id, 'password_reset', newAddress());
    await tokens.arm(ordered, 'password_reset');
    await app.sql(`UPDATE one_time_tokens SET expires_at = now() - interval '1 second' WHERE id = $1`, [ordered]);
    expect(await tokens.arm(ordered, 'password_reset')).toBeNull();
  });

  it('is not sent for another purpose, nor once a newer one is ordered', async () => {
    const { id } = await register(app.url, { email: newAddress() });
    const first = await order(id, 'password_reset', newAddress());
    expect(await tokens.arm(first, 'email_change')).toBeNull();
    await order(id, 'password_reset', newAddress());
    expect(await tokens.arm(first, 'password_reset')).toBeNull();
  });

  it('outlives an order for another purpose; a message to a former address outlives everything', async () => {
    const { id } = await register(app.url);
    const email = newAddress();
    const reset = await order(id, 'password_reset', newAddress());
    await order(id, 'email_change', newAddress());
    expect(await tokens.arm(reset, 'password_reset')).not.toBeNull();
    const notice = await app.nest.get(DataSource).transaction(async (tx) => {
      const ordered = await tokens.orderNotice(tx, { userId: id, email });
      await tokens.revoke(tx, id, ['password_reset', 'email_verification', 'email_change']);
      return ordered;
    });
    expect(await tokens.ordered(reset)).toBeNull();
    expect(await tokens.ordered(notice)).toMatchObject({ userId: id, email });
  });

  it('is forgotten with its account, and when nobody can use it any more', async () => {
    const count = async (id: number) =>
      (await app.sql<{ count: number }>('SELECT count(*)::int FROM one_time_tokens WHERE user_id = $1', [id]))[0]
        ?.count;
    const { id } = await tokenFor('password_reset');
    await order(id, 'email_change', newAddress());
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
