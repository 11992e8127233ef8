import { PASSWORD, signedIn, uniqueName } from '../support/accounts.js';
import { countAccountRows } from '../support/account-data.js';
import { anotherClient, send } from '../support/http-client.js';
import { MailedApp } from '../support/mailed-app.js';
import { until } from '../support/until.js';

describe('deleting an account while a message to it is being sent', () => {
  let service: MailedApp;

  beforeAll(async () => {
    service = await MailedApp.start();
  });
  afterAll(() => service.stop());

  const forgot = async (email: string) =>
    send(service.url, '/api/v1/auth/forgot-password', { body: { email }, from: anotherClient() });

  it('leaves no rows behind, keeps the worker running and invalidates the link', async () => {
    const email = `${uniqueName()}@example.com`;
    const { id, token } = await signedIn(service.url, { email });
    service.inbox.silentAt = 'thanks';
    await forgot(email);
    await until(async () => service.inbox.hanging > 0);
    expect((await countAccountRows(service.app, id)).jobs).toBe(1);
    const answer = await send(service.url, '/api/v1/users/me', {
      method: 'DELETE',
      token,
      body: { password: PASSWORD },
    });
    expect(answer.status).toBe(204);
    service.inbox.silentAt = undefined;
    await until(async () => (await countAccountRows(service.app, id)).jobs === 0);
    expect(await countAccountRows(service.app, id)).toMatchObject({
      users: 0,
      jobs: 0,
      one_time_tokens: 0,
      sessions: 0,
    });
    const other = `${uniqueName()}@example.com`;
    await signedIn(service.url, { email: other });
    await forgot(other);
    expect(await service.link(other, 'reset-password')).toMatch(/^[\w-]{43}$/);
    // The link of the message in transit is invalid.
    const sent = service.inbox.messages.find(({ envelope }) => envelope.to.includes(email));
    const [, link] = /#token=([\w-]+)/.exec(sent?.text ?? '') ?? [];
    const reset = await send(service.url, '/api/v1/auth/reset-password', {
      body: { token: link, new_password: 'kestrel-voyage-amber' },
    });
    expect(reset.status).toBe(400);
  });
});
