import { PasswordHasher } from '../../src/auth/passwords/password-hasher.js';
import { PASSWORD, register, signedIn, uniqueName } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { MailedApp } from '../support/mailed-app.js';

const ME = '/api/v1/users/me';
const PAGE = 'confirm-email';

describe('changing the e-mail address', () => {
  let service: MailedApp;

  beforeAll(async () => {
    service = await MailedApp.start();
  });
  afterAll(() => service.stop());

  const newAddress = (prefix: string) => `${uniqueName(prefix)}@example.com`;
  const requestChange = async (token: string, email: unknown, current_password = PASSWORD) =>
    send<{ detail: string }>(service.url, `${ME}/email`, { body: { email, current_password }, token });
  const confirm = async (token: string) => send(service.url, '/api/v1/auth/confirm-email', { body: { token } });
  const emailOf = async (token: string) => (await send<{ email: string }>(service.url, ME, { token })).body.email;

  async function withLink() {
    const [oldEmail, newEmail] = [newAddress('old'), newAddress('new')];
    const account = await signedIn(service.url, { email: oldEmail });
    expect((await requestChange(account.token, newEmail)).status).toBe(202);
    return { ...account, oldEmail, newEmail, link: await service.link(newEmail, PAGE) };
  }

  it('takes effect once confirmed at the new address, and informs the old one', async () => {
    const { id, token, oldEmail, newEmail, link } = await withLink();
    expect(await emailOf(token)).toBe(oldEmail);
    const answer = await confirm(link);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await emailOf(token)).toBe(newEmail);
    const notice = await service.inbox.next(({ envelope }) => envelope.to.includes(oldEmail));
    expect(notice.text).not.toContain('#token=');
    expect(notice.text).not.toContain(newEmail);
    const [row] = await service.app.sql('SELECT email_verified_at IS NOT NULL AS verified FROM users WHERE id = $1', [
      id,
    ]);
    expect(row).toEqual({ verified: true });
    const events = await service.app.sql(
      `SELECT action, personal FROM audit_events JOIN audit_details ON event_id = id
        WHERE audit_events.subject_id = $1 AND action LIKE 'email.%' ORDER BY id`,
      [id],
    );
    expect(events).toEqual([
      { action: 'email.change_requested', personal: { to: newEmail } },
      { action: 'email.changed', personal: { from: oldEmail, to: newEmail } },
    ]);
  });

  it('informs every former address, even when one change follows another at once', async () => {
    const { token, oldEmail, newEmail, link } = await withLink();
    await confirm(link);
    const third = newAddress('third');
    await requestChange(token, third);
    await confirm(await service.link(third, PAGE));
    await service.inbox.next(({ envelope }) => envelope.to.includes(oldEmail));
    await service.inbox.next(({ envelope, text }) => envelope.to.includes(newEmail) && !text.includes('#token='));
  });

  it('responds with 400 to a wrong current password and sends no mail', async () => {
    const { id, token } = await signedIn(service.url);
    const email = newAddress('nobody');
    const answer = await requestChange(token, email, 'not the password');
    expect([answer.status, answer.text]).toEqual([400, '{"detail":"Incorrect password"}']);
    await service.idle();
    expect(service.inbox.named).not.toContain(email);
    expect(await service.app.sql('SELECT FROM one_time_tokens WHERE user_id = $1', [id])).toEqual([]);
  });

  it('is refused if the password is changed while it is being compared', async () => {
    const { id, token } = await signedIn(service.url);
    const hasher = service.app.nest.get(PasswordHasher);
    const { verify } = hasher;
    jest.spyOn(hasher, 'verify').mockImplementationOnce(async (...tried) => {
      await service.app.sql("UPDATE users SET hashed_password = '$2b$04$another' WHERE id = $1", [id]);
      return verify.apply(hasher, tried);
    });
    expect((await requestChange(token, newAddress('new'))).status).toBe(400);
    expect(await service.app.sql('SELECT FROM one_time_tokens WHERE user_id = $1', [id])).toEqual([]);
  });

  it('sets the first address of an account', async () => {
    const { token } = await signedIn(service.url);
    const email = newAddress('first');
    expect((await requestChange(token, email)).status).toBe(202);
    expect((await confirm(await service.link(email, PAGE))).status).toBe(204);
    expect(await emailOf(token)).toBe(email);
  });

  it.each([
    ['the current address', (own: string) => own, 'This is already the address of the account'],
    [
      'the address of another account in another letter case',
      (_: string, taken: string) => taken.toUpperCase(),
      'Email already registered',
    ],
  ])('refuses %s', async (_name, choose, detail) => {
    const [own, taken] = [newAddress('own'), newAddress('taken')];
    await register(service.url, { email: taken });
    const { token } = await signedIn(service.url, { email: own });
    const answer = await requestChange(token, choose(own, taken));
    expect([answer.status, answer.body.detail]).toEqual([400, detail]);
  });

  it('can change the letter case of the address', async () => {
    const own = newAddress('case');
    const { token } = await signedIn(service.url, { email: own });
    const upperCase = own.replace('case', 'CASE');
    expect((await requestChange(token, upperCase)).status).toBe(202);
    expect((await confirm(await service.link(upperCase, PAGE))).status).toBe(204);
    expect(await emailOf(token)).toBe(upperCase);
  });

  it('is refused on confirmation if another account has registered the address', async () => {
    const { token, oldEmail, newEmail, link } = await withLink();
    await register(service.url, { email: newEmail.toUpperCase() });
    const answer = await confirm(link);
    expect([answer.status, answer.text]).toEqual([400, '{"detail":"Email already registered"}']);
    expect(await emailOf(token)).toBe(oldEmail);
  });

  it('invalidates links sent to the old address, and a newer request invalidates an older one', async () => {
    const { token, oldEmail, link } = await withLink();
    await send(service.url, '/api/v1/auth/forgot-password', { body: { email: oldEmail } });
    const reset = await service.link(oldEmail, 'reset-password');
    const newer = newAddress('newer');
    await requestChange(token, newer);
    const confirmation = await service.link(newer, PAGE);
    expectRefused(await confirm(link));
    expect((await confirm(confirmation)).status).toBe(204);
    const body = { token: reset, new_password: 'kestrel-voyage-amber' };
    expectRefused(await send(service.url, '/api/v1/auth/reset-password', { body }));
  });

  it('is refused on confirmation after a password change', async () => {
    const { token, link, oldEmail } = await withLink();
    const body = { current_password: PASSWORD, new_password: 'kestrel-voyage-amber' };
    expect((await send(service.url, `${ME}/password`, { method: 'PUT', body, token })).status).toBe(204);
    expectRefused(await confirm(link));
    expect(await emailOf(token)).toBe(oldEmail);
  });

  it.each([
    ['no address'],
    ['two@example.com, three@example.com'],
    ['x@example.com\r\nBcc: y@example.com'],
    [null],
    [7],
  ])('responds with 422 to %j', async (email) => {
    const { token } = await signedIn(service.url);
    expect((await requestChange(token, email)).status).toBe(422);
  });
});

function expectRefused({ status, text }: Received): void {
  expect([status, text]).toEqual([400, '{"detail":"Invalid or expired link"}']);
}
