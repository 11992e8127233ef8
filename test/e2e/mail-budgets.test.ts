import { createHmac } from 'node:crypto';
import { PASSWORD, register, session, signedIn, uniqueName } from '../support/accounts.js';
import { anotherClient, send } from '../support/http-client.js';
import { MailedApp } from '../support/mailed-app.js';
import { TEST_SECRET } from '../support/test-app.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';
import { until } from '../support/until.js';

const ME = '/api/v1/users/me';
const LIMIT = 5;
const newAddress = () => `${uniqueName('counted')}@example.com`;

const start = async (settings: Record<string, string> = {}) =>
  MailedApp.start({ settings: { RATE_LIMIT: 'on', EMAIL_VERIFICATION: 'optional', ...settings } });

const messagesTo = ({ inbox }: MailedApp, email: string) =>
  inbox.messages.filter(({ envelope }) => envelope.to.some((to) => to.toLowerCase() === email.toLowerCase()));
const subjectsTo = (service: MailedApp, email: string) => messagesTo(service, email).map(({ subject }) => subject);
const ask = async ({ url }: MailedApp, path: string, email: string) =>
  send(url, `/api/v1/auth/${path}`, { body: { email }, from: anotherClient() });
const onDevices = async ({ url }: MailedApp, account: { username: string; password: string }, count: number) => {
  for (let device = 0; device < count; device += 1) {
    await session(url, account, { 'user-agent': `program-${uniqueName()}/1.0` });
  }
};
const changePassword = async ({ url }: MailedApp, token: string, [from, to]: [string, string]) =>
  send(url, `${ME}/password`, { method: 'PUT', token, body: { current_password: from, new_password: to } });
const verify = async (service: MailedApp, email: string) => {
  const token = await service.link(email, 'verify-email');
  expect((await send(service.url, '/api/v1/auth/verify-email', { body: { token } })).status).toBe(204);
};

describe('messages to an address', () => {
  let service: MailedApp;

  beforeAll(async () => {
    service = await start();
  });
  afterAll(() => service.stop());

  it('are counted across accounts, so that recreating an account does not send more', async () => {
    const email = newAddress();
    for (let round = 0; round < 4; round += 1) {
      const account = await signedIn(service.url, { email: round % 2 ? email.toUpperCase() : email });
      await onDevices(service, account, 6);
      for (const path of ['forgot-password', 'resend-verification']) await ask(service, path, email);
      await changePassword(service, account.token, [PASSWORD, 'kestrel-voyage-amber']);
      await service.idle();
      const body = { password: 'kestrel-voyage-amber' };
      const deleted = await send(service.url, ME, { method: 'DELETE', body, token: account.token });
      expect(deleted.status).toBe(204);
    }
    const requests = Array.from({ length: 4 }, async () => {
      const { token } = await signedIn(service.url, { email: newAddress() });
      const body = { email, current_password: PASSWORD };
      // Messages that others have caused do not fail the request of an owner.
      expect((await send(service.url, `${ME}/email`, { body, token })).status).toBe(202);
    });
    await Promise.all(requests);
    await service.idle();
    expect(messagesTo(service, email).length).toBeGreaterThan(0);
    expect(messagesTo(service, email).length).toBeLessThanOrEqual(LIMIT);
    expect(subjectsTo(service, email).filter((subject) => /reset|forgot/i.test(subject)).length).toBeLessThanOrEqual(1);
  });

  it('leave room for the links that the owner requests', async () => {
    const email = newAddress();
    const account = await register(service.url, { email });
    await onDevices(service, account, 8);
    await service.idle();
    for (const path of ['forgot-password', 'resend-verification']) await ask(service, path, email);
    const links = [await service.link(email, 'reset-password'), await service.link(email, 'verify-email')];
    expect(links.map((link) => link.length)).toEqual([43, 43]);
  });

  it('include notices of every kind for a verified address, each kind up to the limit', async () => {
    const email = newAddress();
    const account = await signedIn(service.url, { email });
    await verify(service, email);
    await onDevices(service, account, 8);
    for (let count = 0; count < LIMIT + 2; count += 1) {
      const passwords: [string, string] = [count === 0 ? PASSWORD : `password-${count}`, `password-${count + 1}`];
      expect((await changePassword(service, account.token, passwords)).status).toBe(204);
      await ask(service, 'forgot-password', email);
    }
    const body = { email: newAddress(), current_password: `password-${LIMIT + 2}` };
    expect((await send(service.url, `${ME}/email`, { body, token: account.token })).status).toBe(202);
    const token = await service.link(body.email, 'confirm-email');
    expect((await send(service.url, '/api/v1/auth/confirm-email', { body: { token } })).status).toBe(204);
    await service.idle();
    const sent = subjectsTo(service, email);
    const count = (pattern: RegExp) => sent.filter((subject) => pattern.test(subject)).length;
    expect({
      signIns: count(/sign-in/i),
      passwords: count(/password was changed|password has been changed/i),
      addresses: count(/address.*(changed|was)|(changed|was).*address/i),
    }).toEqual({ signIns: LIMIT, passwords: LIMIT, addresses: 1 });
  });

  it('are counted under a key derived from SECRET_KEY instead of the address', async () => {
    const email = newAddress();
    await register(service.url, { email });
    await service.link(email, 'verify-email');
    const keys = await service.app.sql<{ key: string }>("SELECT key FROM rate_limits WHERE key LIKE 'mail:%'");
    const text = JSON.stringify(keys);
    expect(text).toContain('mail:address:');
    expect(text).not.toContain(email);
    expect(text).not.toContain(createHmac('sha256', TEST_SECRET).update(email).digest('base64url'));
  });

  it('are counted as limited if they are dropped', async () => {
    const email = newAddress();
    await onDevices(service, await register(service.url, { email }), 8);
    await service.idle();
    const { text } = await send(service.url, '/metrics');
    expect(text).toMatch(/mails_total\{template="new-sign-in",outcome="limited"\} [1-9]/);
  });
});

describe('notices to an unverified address', () => {
  let service: MailedApp;

  beforeAll(async () => {
    service = await start({ EMAIL_VERIFICATION: 'off' });
  });
  afterAll(() => service.stop());

  const count = (email: string, pattern: RegExp) =>
    subjectsTo(service, email).filter((subject) => pattern.test(subject)).length;

  it('report a new password even after many sign-in notices', async () => {
    const email = newAddress();
    const account = await signedIn(service.url, { email });
    await onDevices(service, account, 8);
    await service.idle();
    expect(subjectsTo(service, email).filter((subject) => /sign-in/i.test(subject)).length).toBeGreaterThan(0);
    await changePassword(service, account.token, [PASSWORD, 'kestrel-voyage-amber']);
    await service.idle();
    expect(subjectsTo(service, email).filter((subject) => /password/i.test(subject))).toHaveLength(1);
  });

  it('report a new password and the deletion even after many renames', async () => {
    const email = newAddress();
    const { token } = await signedIn(service.url, { email });
    for (let round = 0; round < LIMIT; round += 1) {
      const renamed = { method: 'PATCH', token, body: { username: uniqueName('thief') } };
      expect((await send(service.url, ME, renamed)).status).toBe(200);
    }
    await service.idle();
    await changePassword(service, token, [PASSWORD, 'kestrel-voyage-amber']);
    await service.idle();
    const body = { password: 'kestrel-voyage-amber' };
    expect((await send(service.url, ME, { method: 'DELETE', token, body })).status).toBe(204);
    await service.idle();
    expect([count(email, /password was changed/i), count(email, /deleted/i)]).toEqual([1, 1]);
    expect(messagesTo(service, email).length).toBeLessThanOrEqual(LIMIT);
  });

  it('are limited across accounts and kinds', async () => {
    const email = newAddress();
    for (let round = 0; round < 3; round += 1) {
      const account = await signedIn(service.url, { email });
      await onDevices(service, account, 3);
      await ask(service, 'forgot-password', email);
      // A change of the password revokes the link. A link that is revoked before it is sent is never sent.
      await service.idle();
      await changePassword(service, account.token, [PASSWORD, 'kestrel-voyage-amber']);
      const deleted = { method: 'DELETE', token: account.token, body: { password: 'kestrel-voyage-amber' } };
      if (round > 0) expect((await send(service.url, ME, deleted)).status).toBe(204);
      else {
        const body = { email: newAddress(), current_password: 'kestrel-voyage-amber' };
        expect((await send(service.url, `${ME}/email`, { body, token: account.token })).status).toBe(202);
        const confirmed = { body: { token: await service.link(body.email, 'confirm-email') } };
        expect((await send(service.url, '/api/v1/auth/confirm-email', confirmed)).status).toBe(204);
      }
      await service.idle();
    }
    const [passwords, deletions] = [count(email, /password was changed/i), count(email, /deleted/i)];
    expect([passwords, deletions, count(email, /address/i)]).toEqual([1, 1, 1]);
    // One reset link, three notices and one other message.
    expect(messagesTo(service, email)).toHaveLength(5);
  });
});

describe('a message that is not delivered', () => {
  it('does not count, so that the retry is sent', async () => {
    // Allows one message for notices and unrequested links.
    const service = await start({ MAIL_LIMIT_PER_HOUR: '3' });
    try {
      const email = newAddress();
      service.inbox.refusal = () => 451;
      await register(service.url, { email });
      await until(async () => service.inbox.named.length > 0);
      service.inbox.refusal = () => undefined;
      expect(await service.link(email, 'verify-email')).toHaveLength(43);
    } finally {
      await service.stop();
    }
  });
});

describe('the count of an address across a change of SECRET_KEY', () => {
  it('continues while the previous key is set', async () => {
    const database = await createDatabase();
    const email = newAddress();
    const settings = { RATE_LIMIT: 'on', MAIL_LIMIT_PER_HOUR: '4' };
    const before = await MailedApp.start({ database, settings });
    await register(before.url, { email });
    await ask(before, 'forgot-password', email);
    await before.link(email, 'reset-password');
    await before.stop();
    const SECRET_KEY = 'another-secret-that-only-the-tests-know-and-that-is-long-enough-for-HS512';
    const keys = { SECRET_KEY, SECRET_KEY_PREVIOUS: TEST_SECRET };
    const after = await MailedApp.start({ database, settings: { ...settings, ...keys } });
    try {
      await ask(after, 'forgot-password', email);
      await after.idle();
      expect(messagesTo(after, email)).toEqual([]);
    } finally {
      await after.stop();
      await dropDatabase(database);
    }
  });
});
