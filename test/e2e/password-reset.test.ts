import { PASSWORD, register, signedIn, signIn, uniqueName } from '../support/accounts.js';
import { anotherClient, type Received, send } from '../support/http-client.js';
import { MailedApp } from '../support/mailed-app.js';

const NEW_PASSWORD = 'kestrel-voyage-amber';
const PAGE = 'reset-password';
const ME = '/api/v1/users/me';

describe('a forgotten password', () => {
  let service: MailedApp;

  beforeAll(async () => {
    service = await MailedApp.start();
  });
  afterAll(() => service.stop());

  const newAddress = () => `${uniqueName('reset')}@example.com`;
  const ask = async (email: string, headers = {}) =>
    send(service.url, '/api/v1/auth/forgot-password', { body: { email }, headers, from: anotherClient() });
  const reset = async (token: string, new_password = NEW_PASSWORD) =>
    send(service.url, '/api/v1/auth/reset-password', { body: { token, new_password } });

  async function withLink() {
    const email = newAddress();
    const account = { ...(await signedIn(service.url, { email })), email };
    await ask(email);
    return { ...account, link: await service.link(email, PAGE) };
  }

  it('is reset once by a mailed link, which ends every session and opens none', async () => {
    const { link, token, username, id, email } = await withLink();
    const answer = await reset(link);
    expect([answer.status, answer.text, answer.headers['content-length']]).toEqual([204, '', undefined]);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect((await send(service.url, ME, { token })).status).toBe(401);
    await expect(signIn(service.url, { username, password: PASSWORD })).rejects.toThrow('401');
    await signIn(service.url, { username, password: NEW_PASSWORD });
    expectRefused(await reset(link, 'another-voyage-amber'));
    const notice = await service.inbox.next(
      ({ subject, envelope }) => envelope.to[0] === email && /password/i.test(subject),
    );
    expect(notice.text).not.toContain('#token=');
    const events = await service.app.sql(
      `SELECT action FROM audit_events WHERE subject_id = $1 AND action LIKE '%.re%' OR action = 'email.verified' AND subject_id = $1 ORDER BY occurred_at`,
      [id],
    );
    expect(events.map((event) => (event as { action: string }).action)).toEqual([
      'user.registered',
      'password.reset_requested',
      'password.reset',
      'email.verified',
    ]);
  });

  it('has the same response for every invalid link, and stores only hashes', async () => {
    const { link, id } = await withLink();
    const stored = await service.app.sql(
      'SELECT one_time_tokens::text AS row FROM one_time_tokens WHERE user_id = $1',
      [id],
    );
    expect(JSON.stringify(stored)).not.toContain(link);
    await service.app.sql("UPDATE one_time_tokens SET expires_at = now() - interval '1 second' WHERE user_id = $1", [
      id,
    ]);
    const answers = [
      await reset(link),
      await reset(`${link.slice(0, -2)}AA`),
      await reset('x'),
      await reset(''),
      await reset(`${link}=`),
      await reset('é'.repeat(300)),
    ];
    for (const answer of answers) expectRefused(answer);
  });

  it('can be reset for 30 minutes from sending', async () => {
    const { id } = await withLink();
    const [row] = await service.app.sql<{ left: number }>(
      'SELECT extract(epoch FROM expires_at - now())::int AS left FROM one_time_tokens WHERE user_id = $1',
      [id],
    );
    expect(row?.left).toBeGreaterThan(29 * 60);
    expect(row?.left).toBeLessThanOrEqual(30 * 60);
  });

  it('keeps the link valid when the new password is refused', async () => {
    const { link, username } = await withLink();
    expect((await reset(link, 'short')).status).toBe(422);
    expect((await reset(link, 'p'.repeat(73))).status).toBe(422);
    expect((await reset(link)).status).toBe(204);
    await signIn(service.url, { username, password: NEW_PASSWORD });
  });

  it('accepts only a reset link, which is valid for nothing else', async () => {
    const { link, token } = await withLink();
    for (const path of ['verify-email', 'confirm-email']) {
      expectRefused(await send(service.url, `/api/v1/auth/${path}`, { body: { token: link } }));
    }
    expect((await send(service.url, ME, { token: link })).status).toBe(401);
    // An access token is longer than a link token.
    expect([400, 422]).toContain((await reset(token)).status);
    expect((await reset(link)).status).toBe(204);
  });

  it('sends the same link again, so that another request does not revoke it', async () => {
    const { link, email } = await withLink();
    await ask(email);
    expect(await service.link(email, PAGE)).toBe(link);
    expect((await reset(link)).status).toBe(204);
    expectRefused(await reset(link, 'another-voyage-amber'));
  });

  it('revokes links when the password is changed', async () => {
    const { link, token } = await withLink();
    const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    expect((await send(service.url, `${ME}/password`, { method: 'PUT', body, token })).status).toBe(204);
    expectRefused(await reset(link, 'another-voyage-amber'));
  });

  it('sends the link in the language of the request, always with PUBLIC_URL', async () => {
    const email = newAddress();
    await register(service.url, { email });
    await ask(email, {
      'accept-language': 'de-AT, en;q=0.5',
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example',
    });
    const message = await service.inbox.next(({ envelope }) => envelope.to.includes(email));
    expect(message.subject).toMatch(/Passwort/);
    expect(message.text).toContain('https://public.example/app/account/reset-password#token=');
    expect(message.raw).not.toContain('evil.example');
  });

  it('sends no link to a disabled account or unknown address, and refuses an earlier link', async () => {
    const { link, email, id } = await withLink();
    await service.app.sql('UPDATE users SET is_active = false WHERE id = $1', [id]);
    const before = service.inbox.named.length;
    for (const address of [email, newAddress()]) expect((await ask(address)).status).toBe(202);
    await service.idle();
    expect(service.inbox.named).toHaveLength(before);
    expectRefused(await reset(link));
  });

  it('finds the address in any letter case', async () => {
    const email = newAddress();
    await register(service.url, { email });
    await ask(email.toUpperCase());
    expect(await service.link(email, PAGE)).toHaveLength(43);
  });
});

describe('a password reset with rate limits', () => {
  let service: MailedApp;

  beforeAll(async () => {
    const settings = { RATE_LIMIT: 'on', RATE_LIMIT_LOGIN_ACCOUNT: '2', MAIL_LIMIT_PER_HOUR: '4' };
    service = await MailedApp.start({ settings });
  });
  afterAll(() => service.stop());

  it('allows sign-in at once after too many failed attempts', async () => {
    const email = `${uniqueName('reset')}@example.com`;
    const { username } = await register(service.url, { email });
    for (const status of ['401', '401', '429'])
      await expect(signIn(service.url, { username, password: 'not the password' })).rejects.toThrow(status);
    await send(service.url, '/api/v1/auth/forgot-password', { body: { email } });
    const body = { token: await service.link(email, PAGE), new_password: NEW_PASSWORD };
    expect((await send(service.url, '/api/v1/auth/reset-password', { body })).status).toBe(204);
    await signIn(service.url, { username, password: NEW_PASSWORD });
  });

  it('limits the notices of repeated password changes', async () => {
    const email = `${uniqueName('reset')}@example.com`;
    const { token } = await signedIn(service.url, { email });
    for (let count = 0; count < 4; count += 1) {
      const [current_password, new_password] = [count === 0 ? PASSWORD : `password-${count}`, `password-${count + 1}`];
      const answer = await send(service.url, `${ME}/password`, {
        method: 'PUT',
        body: { current_password, new_password },
        token,
      });
      expect(answer.status).toBe(204);
    }
    await service.idle();
    const notices = service.inbox.messages.filter(
      ({ subject, envelope }) => /password/i.test(subject) && envelope.to.includes(email),
    );
    expect(notices).toHaveLength(2);
  });
});

function expectRefused({ status, text }: Received): void {
  expect([status, text]).toEqual([400, '{"detail":"Invalid or expired link"}']);
}
