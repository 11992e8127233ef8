import { PASSWORD, register, signedIn, signIn, uniqueName } from '../support/accounts.js';
import { anotherClient, send } from '../support/http-client.js';
import { MailedApp } from '../support/mailed-app.js';
import { tokenIn } from '../support/smtp-server.js';
import { TEST_SECRET } from '../support/test-app.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';

const NEW_PASSWORD = 'kestrel-voyage-amber';
const RESET = { path: '/api/v1/auth/forgot-password', page: 'reset-password', lifeMinutes: 30 };
const VERIFICATION = { path: '/api/v1/auth/resend-verification', page: 'verify-email', lifeMinutes: 24 * 60 };

const newAddress = () => `${uniqueName('asked')}@example.com`;

/** Sends a request from a new client address. */
const ask = async (service: MailedApp, path: string, email: string) =>
  send(service.url, path, { body: { email }, from: anotherClient() });
const reset = async (service: MailedApp, token: string, new_password = NEW_PASSWORD) =>
  send(service.url, '/api/v1/auth/reset-password', { body: { token, new_password } });
const verify = async (service: MailedApp, token: string) =>
  send(service.url, '/api/v1/auth/verify-email', { body: { token } });
/** The links sent to an address so far, oldest first. */
const linksTo = ({ inbox }: MailedApp, email: string, page: string) =>
  inbox.messages
    .filter(({ envelope, text }) => envelope.to.includes(email) && text.includes(`/account/${page}#token=`))
    .map(tokenIn);
const endWindows = async ({ app }: MailedApp) =>
  app.sql(`UPDATE rate_limits SET expires_at = now() - interval '1 second'`);
const passMinutes = async ({ app }: MailedApp, userId: number, minutes: number) =>
  app.sql('UPDATE one_time_tokens SET expires_at = expires_at - make_interval(mins => $2) WHERE user_id = $1', [
    userId,
    minutes,
  ]);

describe('a link that any client can request', () => {
  let service: MailedApp;

  beforeAll(async () => {
    service = await MailedApp.start({ settings: { RATE_LIMIT: 'on', EMAIL_VERIFICATION: 'optional' } });
  });
  afterAll(() => service.stop());

  it('is sent once per purpose and address in ten minutes, while every request is answered with 202', async () => {
    const email = newAddress();
    await register(service.url, { email });
    const first = await service.link(email, VERIFICATION.page);
    for (let count = 0; count < 7; count += 1) {
      for (const { path } of [RESET, VERIFICATION]) {
        expect((await ask(service, path, count % 2 ? email.toUpperCase() : email)).status).toBe(202);
      }
      await service.idle();
    }
    expect(linksTo(service, email, RESET.page)).toHaveLength(1);
    expect(linksTo(service, email, VERIFICATION.page)).toEqual([first, first]);
  });

  it('is sent once for concurrent requests', async () => {
    const email = newAddress();
    await register(service.url, { email });
    await Promise.all(Array.from({ length: 12 }, async () => ask(service, RESET.path, email)));
    await service.idle();
    expect(linksTo(service, email, RESET.page)).toHaveLength(1);
  });

  it('leaves the owner messages for an address change and a reset', async () => {
    const email = newAddress();
    const { username, token } = await signedIn(service.url, { email });
    for (let count = 0; count < 7; count += 1) {
      await ask(service, RESET.path, email);
      await service.idle();
    }
    const body = { email: newAddress(), current_password: PASSWORD };
    expect((await send(service.url, '/api/v1/users/me/email', { body, token })).status).toBe(202);
    expect(await service.link(body.email, 'confirm-email')).toHaveLength(43);
    expect((await ask(service, RESET.path, email)).status).toBe(202);
    await service.idle();
    expect((await reset(service, linksTo(service, email, RESET.page).at(-1) ?? '')).status).toBe(204);
    await signIn(service.url, { username, password: NEW_PASSWORD });
  });

  it.each([
    ['a reset', RESET, reset],
    ['a verification', VERIFICATION, verify],
  ] as const)('is the same for %s until half of its lifetime has passed, then a new one', async (_what, kind, use) => {
    const { path, page, lifeMinutes } = kind;
    const email = newAddress();
    const { id } = await register(service.url, { email });
    await ask(service, path, email);
    await service.idle();
    const first = linksTo(service, email, page).at(-1) ?? '';
    await passMinutes(service, id, lifeMinutes / 2 - 1);
    await endWindows(service);
    await ask(service, path, email);
    await service.idle();
    expect(linksTo(service, email, page).at(-1)).toBe(first);
    await passMinutes(service, id, 2);
    await endWindows(service);
    await ask(service, path, email);
    await service.idle();
    const second = linksTo(service, email, page).at(-1) ?? '';
    expect(second).not.toBe(first);
    // The older link still works. Using it revokes a newer reset link, while verifying twice is allowed.
    expect((await use(service, first)).status).toBe(204);
    expect((await use(service, second)).status).toBe(path === RESET.path ? 400 : 204);
  });

  it('is sent again immediately after it is used', async () => {
    const email = newAddress();
    await register(service.url, { email });
    for (const password of [NEW_PASSWORD, 'lantern-orbit-maple']) {
      await ask(service, RESET.path, email);
      expect((await reset(service, await service.link(email, RESET.page), password)).status).toBe(204);
    }
  });

  it('leaves no token in the database or in the queue', async () => {
    const email = newAddress();
    const { id } = await register(service.url, { email });
    service.inbox.silentAt = 'thanks';
    await ask(service, RESET.path, email);
    const token = await service.link(email, RESET.page);
    const rows = await service.app.sql(
      `SELECT one_time_tokens::text AS row FROM one_time_tokens WHERE user_id = $1
        UNION ALL SELECT payload::text FROM graphile_worker._private_jobs`,
      [id],
    );
    service.inbox.silentAt = undefined;
    expect(rows.length).toBeGreaterThan(1);
    expect(JSON.stringify(rows)).not.toContain(token);
  });
});

describe('links requested before and after a change of SECRET_KEY', () => {
  const NEW_SECRET = 'another-secret-that-only-the-tests-know-and-that-is-long-enough-for-HS512';

  /** Requests a reset before and after a change of settings. @returns both links and the status of using the first */
  async function requestTwice(settings: Record<string, string>): Promise<{ links: string[]; status: number }> {
    const database = await createDatabase();
    const email = newAddress();
    const before = await MailedApp.start({ database });
    await register(before.url, { email });
    await ask(before, RESET.path, email);
    const first = await before.link(email, RESET.page);
    await before.stop();
    const after = await MailedApp.start({ database, settings });
    try {
      await ask(after, RESET.path, email);
      const second = await after.link(email, RESET.page);
      return { links: [first, second], status: (await reset(after, first)).status };
    } finally {
      await after.stop();
      await dropDatabase(database);
    }
  }

  it('are equal with SECRET_KEY_PREVIOUS', async () => {
    const { links, status } = await requestTwice({ SECRET_KEY: NEW_SECRET, SECRET_KEY_PREVIOUS: TEST_SECRET });
    expect(links[1]).toBe(links[0]);
    expect(status).toBe(204);
  });

  it('differ without SECRET_KEY_PREVIOUS, and the first one still works', async () => {
    const { links, status } = await requestTwice({ SECRET_KEY: NEW_SECRET });
    expect(links[1]).not.toBe(links[0]);
    expect(status).toBe(204);
  });
});
