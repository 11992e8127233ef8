import { PasswordHasher } from '../../src/auth/passwords/password-hasher.js';
import { PASSWORD, register, signedIn, uniqueName } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { MailedApp } from '../support/mailed-app.js';

const ME = '/api/v1/users/me';
const PAGE = 'confirm-email';

describe('a change of the address', () => {
  let service: MailedApp;

  beforeAll(async () => {
    service = await MailedApp.start();
  });
  afterAll(() => service.stop());

  const newAddress = (prefix: string) => `${uniqueName(prefix)}@example.com`;
  const ask = async (token: string, email: unknown, current_password = PASSWORD) =>
    send<{ detail: string }>(service.url, `${ME}/email`, { body: { email, current_password }, token });
  const confirm = async (token: string) => send(service.url, '/api/v1/auth/confirm-email', { body: { token } });
  const emailOf = async (token: string) => (await send<{ email: string }>(service.url, ME, { token })).body.email;

  async function withLink() {
    const [oldEmail, newEmail] = [newAddress('old'), newAddress('new')];
    const account = await signedIn(service.url, { email: oldEmail });
    expect((await ask(account.token, newEmail)).status).toBe(202);
    return { ...account, oldEmail, newEmail, link: await service.link(newEmail, PAGE) };
  }

  it('is confirmed at the new address, and the old one is told; until then the old one stays', async () => {
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

  it('tells every former address, however fast one follows the other', async () => {
    const { token, oldEmail, newEmail, link } = await withLink();
    await confirm(link);
    const third = newAddress('third');
    await ask(token, third);
    await confirm(await service.link(third, PAGE));
    await service.inbox.next(({ envelope }) => envelope.to.includes(oldEmail));
    await service.inbox.next(({ envelope, text }) => envelope.to.includes(newEmail) && !text.includes('#token='));
  });

  it('wants the current password, with 400', async () => {
    const { id, token } = await signedIn(service.url);
    const email = newAddress('nobody');
    const answer = await ask(token, email, 'not the password');
    expect([answer.status, answer.text]).toEqual([400, '{"detail":"Incorrect password"}']);
    await service.idle();
    expect(service.inbox.named).not.toContain(email);
    expect(await service.app.sql('SELECT FROM one_time_tokens WHERE user_id = $1', [id])).toEqual([]);
  });

  it('does not happen where the password is changed while it is compared', async () => {
    const { id, token } = await signedIn(service.url);
    const hasher = service.app.nest.get(PasswordHasher);
    const { verify } = hasher;
    jest.spyOn(hasher, 'verify').mockImplementationOnce(async (...tried) => {
      await service.app.sql("UPDATE users SET hashed_password = '$2b$04$another' WHERE id = $1", [id]);
      return verify.apply(hasher, tried);
    });
    expect((await ask(token, newAddress('new'))).status).toBe(400);
    expect(await service.app.sql('SELECT FROM one_time_tokens WHERE user_id = $1', [id])).toEqual([]);
  });

  it('gives an account its first address', async () => {
    const { token } = await signedIn(service.url);
    const email = newAddress('first');
    expect((await ask(token, email)).status).toBe(202);
    expect((await confirm(await service.link(email, PAGE))).status).toBe(204);
    expect(await emailOf(token)).toBe(email);
  });

  it.each([
    ['the one it has', (own: string) => own, 'This is already the address of the account'],
    [
      'one that another account has, in other letters',
      (_: string, taken: string) => taken.toUpperCase(),
      'Email already registered',
    ],
  ])('refuses %s', async (_name, choose, detail) => {
    const [own, taken] = [newAddress('own'), newAddress('taken')];
    await register(service.url, { email: taken });
    const { token } = await signedIn(service.url, { email: own });
    const answer = await ask(token, choose(own, taken));
    expect([answer.status, answer.body.detail]).toEqual([400, detail]);
  });

  it('takes the letter case of its own address', async () => {
    const own = newAddress('case');
    const { token } = await signedIn(service.url, { email: own });
    const louder = own.replace('case', 'CASE');
    expect((await ask(token, louder)).status).toBe(202);
    expect((await confirm(await service.link(louder, PAGE))).status).toBe(204);
    expect(await emailOf(token)).toBe(louder);
  });

  it('does not happen where another account has got the address meanwhile', async () => {
    const { token, oldEmail, newEmail, link } = await withLink();
    await register(service.url, { email: newEmail.toUpperCase() });
    const answer = await confirm(link);
    expect([answer.status, answer.text]).toEqual([400, '{"detail":"Email already registered"}']);
    expect(await emailOf(token)).toBe(oldEmail);
  });

  it('makes the links that went to the old address worthless, and a newer wish the older one', async () => {
    const { token, oldEmail, link } = await withLink();
    await send(service.url, '/api/v1/auth/forgot-password', { body: { email: oldEmail } });
    const reset = await service.link(oldEmail, 'reset-password');
    const newer = newAddress('newer');
    await ask(token, newer);
    const confirmation = await service.link(newer, PAGE);
    expectRefused(await confirm(link));
    expect((await confirm(confirmation)).status).toBe(204);
    const body = { token: reset, new_password: 'kestrel-voyage-amber' };
    expectRefused(await send(service.url, '/api/v1/auth/reset-password', { body }));
  });

  it('does not happen after a change of the password', async () => {
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
  ])('refuses %j as FastAPI would', async (email) => {
    const { token } = await signedIn(service.url);
    expect((await ask(token, email)).status).toBe(422);
  });
});

function expectRefused({ status, text }: Received): void {
  expect([status, text]).toEqual([400, '{"detail":"Invalid or expired link"}']);
}
