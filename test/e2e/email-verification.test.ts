import { PASSWORD, register, signIn, uniqueName } from '../support/accounts.js';
import { anotherClient, send } from '../support/http-client.js';
import { MailedApp } from '../support/mailed-app.js';

const PAGE = 'verify-email';
const REGISTER = '/api/v1/auth/register';

const newAddress = () => `${uniqueName('verify')}@example.com`;
const resend = async ({ url }: MailedApp, email: string) =>
  send(url, '/api/v1/auth/resend-verification', { body: { email }, from: anotherClient() });
const verify = async ({ url }: MailedApp, token: string) => send(url, '/api/v1/auth/verify-email', { body: { token } });
const login = async ({ url }: MailedApp, username: string, password = PASSWORD) =>
  send(url, '/api/v1/auth/login-json', { body: { username, password } });
const isVerified = async ({ app }: MailedApp, id: number) => {
  const [row] = await app.sql<{ verified: boolean }>(
    'SELECT email_verified_at IS NOT NULL AS verified FROM users WHERE id = $1',
    [id],
  );
  return row?.verified;
};

describe('EMAIL_VERIFICATION=required', () => {
  let service: MailedApp;

  beforeAll(async () => {
    service = await MailedApp.start({ settings: { EMAIL_VERIFICATION: 'required' } });
  });
  afterAll(() => service.stop());

  it('requires an address on registration', async () => {
    for (const fields of [{}, { email: null }]) {
      const body = { username: uniqueName(), password: PASSWORD, ...fields };
      const answer = await send<{ detail: object[] }>(service.url, REGISTER, { body });
      expect(answer.status).toBe(422);
      expect(answer.body.detail).toMatchObject([{ type: 'value_error', loc: ['body', 'email'], input: null }]);
    }
  });

  it('allows sign-in once the link is used, and sends the welcome mail then', async () => {
    const email = newAddress();
    const { id, username } = await register(service.url, { email });
    const before = await login(service, username);
    expect([before.status, before.text]).toEqual([403, '{"detail":"Email not verified"}']);
    const answer = await verify(service, await service.link(email, PAGE));
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await isVerified(service, id)).toBe(true);
    await signIn(service.url, { username, password: PASSWORD });
    const welcome = await service.inbox.next(
      ({ envelope, text }) => envelope.to[0] === email && !text.includes('#token='),
    );
    expect(welcome.subject).toMatch(/welcome/i);
    const events = await service.app.sql<{ action: string }>(
      'SELECT action FROM audit_events WHERE subject_id = $1 ORDER BY occurred_at',
      [id],
    );
    expect(events.map(({ action }) => action)).toEqual([
      'user.registered',
      'login.failed',
      'email.verified',
      'session.opened',
    ]);
  });

  it('responds with 403 only if the password is correct, also to the form', async () => {
    const { username } = await register(service.url, { email: newAddress() });
    expect((await login(service, username, 'not the password')).status).toBe(401);
    const form = new URLSearchParams({ username, password: PASSWORD });
    expect((await send(service.url, '/api/v1/auth/login', { body: form })).status).toBe(403);
  });

  it('sends the link again on request', async () => {
    const email = newAddress();
    const { username } = await register(service.url, { email });
    const first = await service.link(email, PAGE);
    expect((await resend(service, email)).status).toBe(202);
    const second = await service.link(email, PAGE);
    expect(second).toBe(first);
    expect((await verify(service, first)).status).toBe(204);
    await signIn(service.url, { username, password: PASSWORD });
  });

  it('exempts accounts that the Python service or an earlier configuration created', async () => {
    const { id, username } = await register(service.url, { email: newAddress() });
    const other = uniqueName('python');
    await service.app.sql(
      `INSERT INTO users (username, email, hashed_password, is_active, is_superuser)
       SELECT $1, $2, hashed_password, is_active, is_superuser FROM users WHERE id = $3`,
      [other, newAddress(), id],
    );
    expect((await login(service, username)).status).toBe(403);
    await signIn(service.url, { username: other, password: PASSWORD });
  });

  it('cannot be bypassed by fields of the registration', async () => {
    const claims = { email_verified_at: '2026-01-01T00:00:00Z', email_verified: true, must_verify_email: false };
    const { id, username } = await register(service.url, { email: newAddress(), ...claims, mustVerifyEmail: false });
    expect((await login(service, username)).status).toBe(403);
    expect(await isVerified(service, id)).toBe(false);
  });

  it('treats an address as verified after a password reset by mail', async () => {
    const email = newAddress();
    const { username } = await register(service.url, { email });
    await send(service.url, '/api/v1/auth/forgot-password', { body: { email } });
    const token = await service.link(email, 'reset-password');
    const body = { token, new_password: 'kestrel-voyage-amber' };
    expect((await send(service.url, '/api/v1/auth/reset-password', { body })).status).toBe(204);
    await signIn(service.url, { username, password: body.new_password });
  });

  it('does not verify on GET or HEAD of the page, after which the link still works', async () => {
    const email = newAddress();
    const { id } = await register(service.url, { email });
    const token = await service.link(email, PAGE);
    for (const method of ['GET', 'HEAD']) {
      expect((await send(service.url, `/account/${PAGE}?token=${token}`, { method })).status).toBe(200);
      expect((await send(service.url, `/api/v1/auth/verify-email?token=${token}`, { method })).status).toBe(405);
    }
    expect(await isVerified(service, id)).toBe(false);
    expect((await verify(service, token)).status).toBe(204);
  });
});

describe('EMAIL_VERIFICATION=optional', () => {
  let service: MailedApp;

  beforeAll(async () => {
    service = await MailedApp.start({ settings: { EMAIL_VERIFICATION: 'optional' } });
  });
  afterAll(() => service.stop());

  it('sends a link to a new address, but allows sign-in without it', async () => {
    const email = newAddress();
    const { id, username } = await register(service.url, { email });
    await signIn(service.url, await register(service.url));
    await signIn(service.url, { username, password: PASSWORD });
    expect((await verify(service, await service.link(email, PAGE))).status).toBe(204);
    expect(await isVerified(service, id)).toBe(true);
    await service.idle();
    expect(new Set(service.inbox.named)).toEqual(new Set([email]));
  });

  it('sends no further link to a verified address', async () => {
    const email = newAddress();
    await register(service.url, { email });
    await verify(service, await service.link(email, PAGE));
    expect((await resend(service, email)).status).toBe(202);
    await service.idle();
    expect(service.receiversOf('#token=').filter((address) => address === email)).toHaveLength(1);
  });
});

describe('EMAIL_VERIFICATION=off', () => {
  it('sends no mail on registration or on request', async () => {
    const service = await MailedApp.start();
    try {
      const email = newAddress();
      await signIn(service.url, await register(service.url, { email }));
      expect((await resend(service, email)).status).toBe(202);
      await service.idle();
      expect(service.inbox.named).toEqual([]);
    } finally {
      await service.stop();
    }
  });
});
