import { PASSWORD, signedIn, uniqueName } from '../support/accounts.js';
import { anotherClient, type Received, send } from '../support/http-client.js';
import { MailedApp } from '../support/mailed-app.js';

const NEW_PASSWORD = 'kestrel-voyage-amber';
const newAddress = () => `${uniqueName('twice')}@example.com`;

describe('a mailed link that is used twice', () => {
  let service: MailedApp;

  beforeAll(async () => {
    service = await MailedApp.start({ settings: { EMAIL_VERIFICATION: 'optional' } });
  });
  afterAll(() => service.stop());

  const use = async (path: string, token: string) =>
    send(service.url, `/api/v1/auth/${path}`, { body: { token }, from: anotherClient() });
  const eventsOf = async (id: number, action: string) =>
    service.app.sql('SELECT FROM audit_events WHERE subject_id = $1 AND action = $2', [id, action]);
  const messagesTo = (email: string) =>
    service.inbox.messages.filter(({ envelope, text }) => envelope.to.includes(email) && !text.includes('#token='));

  async function withVerification() {
    const email = newAddress();
    const account = await signedIn(service.url, { email });
    return { ...account, email, link: await service.link(email, 'verify-email') };
  }

  async function withChange() {
    const { link: _, ...account } = await withVerification();
    const body = { email: newAddress(), current_password: PASSWORD };
    await send(service.url, '/api/v1/users/me/email', { body, token: account.token });
    return { ...account, newEmail: body.email, link: await service.link(body.email, 'confirm-email') };
  }

  it('verifies once and responds with 204 each time until it expires', async () => {
    const { id, email, link } = await withVerification();
    for (const _ of [1, 2, 3]) {
      const answer = await use('verify-email', link);
      expect([answer.status, answer.text]).toEqual([204, '']);
    }
    await service.idle();
    expect(await eventsOf(id, 'email.verified')).toHaveLength(1);
    expect(messagesTo(email)).toHaveLength(1);
    await service.app.sql("UPDATE one_time_tokens SET expires_at = now() - interval '1 second' WHERE user_id = $1", [
      id,
    ]);
    expectRefused(await use('verify-email', link));
  });

  it('changes the address once and responds with 204 each time until it expires', async () => {
    const { id, email, link } = await withChange();
    for (const _ of [1, 2, 3]) expect((await use('confirm-email', link)).status).toBe(204);
    await service.idle();
    expect(await eventsOf(id, 'email.changed')).toHaveLength(1);
    expect(messagesTo(email)).toHaveLength(1);
    await service.app.sql("UPDATE one_time_tokens SET expires_at = now() - interval '1 second' WHERE user_id = $1", [
      id,
    ]);
    expectRefused(await use('confirm-email', link));
  });

  it('responds with 204 after a password change, because it has no further effect', async () => {
    const { link, token } = await withVerification();
    expect((await use('verify-email', link)).status).toBe(204);
    const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    expect((await send(service.url, '/api/v1/users/me/password', { method: 'PUT', body, token })).status).toBe(204);
    expect((await use('verify-email', link)).status).toBe(204);
  });

  it.each([
    ['verify-email', withVerification],
    ['confirm-email', withChange],
  ] as const)('is refused the second time if the account has another address: %s', async (path, make) => {
    const { id, link } = await make();
    expect((await use(path, link)).status).toBe(204);
    await service.app.sql('UPDATE users SET email = $2 WHERE id = $1', [id, newAddress()]);
    expectRefused(await use(path, link));
  });

  it('is refused if the address was replaced and restored', async () => {
    const { id, email, link } = await withVerification();
    expect((await use('verify-email', link)).status).toBe(204);
    for (const address of [newAddress(), email])
      await service.app.sql('UPDATE users SET email = $2 WHERE id = $1', [id, address]);
    expectRefused(await use('verify-email', link));
  });

  it('is refused for a disabled account and for another purpose', async () => {
    const { id, link } = await withVerification();
    expect((await use('verify-email', link)).status).toBe(204);
    expectRefused(await use('confirm-email', link));
    await service.app.sql('UPDATE users SET is_active = false WHERE id = $1', [id]);
    expectRefused(await use('verify-email', link));
  });
});

function expectRefused({ status, text }: Received): void {
  expect([status, text]).toEqual([400, '{"detail":"Invalid or expired link"}']);
}
