import { JobRegistry } from '../../src/jobs/job-registry.js';
import { DeletionNotices } from '../../src/account/deletion-notices.js';
import { PASSWORD, signedIn, uniqueName } from '../support/accounts.js';
import { type Received, send, type Sent } from '../support/http-client.js';
import { MailedApp } from '../support/mailed-app.js';
import { until } from '../support/until.js';

const ME = '/api/v1/users/me';

describe('account notices', () => {
  let service: MailedApp;

  beforeAll(async () => {
    service = await MailedApp.start();
  });
  afterAll(() => service.stop());

  const address = () => `${uniqueName()}@example.com`;
  const change = (
    method: string,
    token: string,
    body: object,
    headers: Sent['headers'] = {},
  ): Promise<Received<object>> => send(service.url, ME, { method, token, body, headers });
  const messageTo = (email: string, subject: string) =>
    service.inbox.next((message) => message.envelope.to.includes(email) && message.subject === subject);
  const notices = () => service.app.sql<{ email: string }>('SELECT email FROM deletion_notices');

  it('inform the owner of a changed username', async () => {
    const email = address();
    const { token } = await signedIn(service.url, { email });
    const username = uniqueName('renamed');
    expect((await change('PATCH', token, { username })).status).toBe(200);
    const message = await messageTo(email, 'Your username was changed');
    expect(message.text).toContain(`You now sign in as ${username}.`);
  });

  it('are not sent for a changed display name or an unchanged username', async () => {
    const email = address();
    const { token, username } = await signedIn(service.url, { email });
    await change('PATCH', token, { display_name: 'Jo', username });
    await service.idle();
    expect(service.inbox.messages.filter(({ envelope }) => envelope.to.includes(email))).toEqual([]);
  });

  it('inform the former owner of a deleted account in the language of the request', async () => {
    const email = address();
    const { id, token, username } = await signedIn(service.url, { email });
    const answer = await change('DELETE', token, { password: PASSWORD }, { 'accept-language': 'de' });
    expect(answer.status).toBe(204);
    const message = await messageTo(email, 'Ihr Konto wurde gelöscht');
    expect(message.text).toContain(`Das Konto ${username} `);
    const payloads = await service.app.sql(`SELECT payload::text FROM graphile_worker._private_jobs`);
    expect(JSON.stringify(payloads)).not.toContain(email);
    expect(await service.app.sql('SELECT FROM users WHERE id = $1', [id])).toEqual([]);
  });

  it('are sent after the mail server recovers, and only if the account was deleted', async () => {
    const email = address();
    const { token } = await signedIn(service.url, { email });
    service.inbox.refusal = () => 450;
    expect((await change('DELETE', token, { password: 'wrong' })).status).toBe(400);
    expect((await change('DELETE', token, { password: PASSWORD })).status).toBe(204);
    await until(async () => service.inbox.named.includes(email));
    service.inbox.refusal = () => undefined;
    await messageTo(email, 'Your account was deleted');
    expect((await notices()).filter((notice) => notice.email === email)).toHaveLength(1);
  });

  it('inform the former address of the deletion while the notice of the change is unsent', async () => {
    const [former, present] = [address(), address()];
    const { token } = await signedIn(service.url, { email: former });
    const body = { email: present, current_password: PASSWORD };
    expect((await send(service.url, `${ME}/email`, { body, token })).status).toBe(202);
    const link = await service.link(present, 'confirm-email');
    service.inbox.refusal = () => 450;
    expect((await send(service.url, '/api/v1/auth/confirm-email', { body: { token: link } })).status).toBe(204);
    await until(async () => service.inbox.named.includes(former));
    expect((await change('DELETE', token, { password: PASSWORD })).status).toBe(204);
    service.inbox.refusal = () => undefined;
    await messageTo(former, 'Your account was deleted');
    await messageTo(present, 'Your account was deleted');
    await service.idle();
    const received = service.inbox.messages.filter(({ envelope }) => envelope.to.includes(former));
    expect(received.map(({ subject }) => subject)).toEqual(['Your account was deleted']);
  });

  it('inform a former address only of the change once that notice is sent', async () => {
    const [former, present] = [address(), address()];
    const { token } = await signedIn(service.url, { email: former });
    const body = { email: present, current_password: PASSWORD };
    expect((await send(service.url, `${ME}/email`, { body, token })).status).toBe(202);
    const link = await service.link(present, 'confirm-email');
    expect((await send(service.url, '/api/v1/auth/confirm-email', { body: { token: link } })).status).toBe(204);
    await service.idle();
    expect((await change('DELETE', token, { password: PASSWORD })).status).toBe(204);
    await messageTo(present, 'Your account was deleted');
    await service.idle();
    expect(service.inbox.messages.filter(({ envelope }) => envelope.to.includes(former))).toHaveLength(1);
  });

  it('are not sent from rows older than a day, which the next deletion removes', async () => {
    const [late, next] = [address(), address()];
    service.inbox.refusal = () => 450;
    const { token } = await signedIn(service.url, { email: late });
    expect((await change('DELETE', token, { password: PASSWORD })).status).toBe(204);
    await until(async () => service.inbox.named.includes(late));
    await service.app.sql("UPDATE deletion_notices SET created_at = now() - interval '25 hours' WHERE email = $1", [
      late,
    ]);
    service.inbox.refusal = () => undefined;
    await service.app.sql('UPDATE graphile_worker._private_jobs SET run_at = now()');
    await service.idle();
    expect(service.inbox.messages.filter(({ envelope }) => envelope.to.includes(late))).toEqual([]);
    expect((await notices()).map(({ email }) => email)).toContain(late);
    const other = await signedIn(service.url, { email: next });
    expect((await change('DELETE', other.token, { password: PASSWORD })).status).toBe(204);
    const kept = new Set((await notices()).map(({ email }) => email));
    expect([kept.has(late), kept.has(next)]).toEqual([false, true]);
  });

  it('keep the address of a deleted account for less than a day', async () => {
    const email = address();
    const { token } = await signedIn(service.url, { email });
    await change('DELETE', token, { password: PASSWORD });
    await messageTo(email, 'Your account was deleted');
    const age = (interval: string) =>
      service.app.sql('UPDATE deletion_notices SET created_at = now() - $1::interval WHERE email = $2', [
        interval,
        email,
      ]);
    const kept = async () => (await notices()).some((notice) => notice.email === email);
    const purge = () => service.app.nest.get(DeletionNotices, { strict: false }).purge();
    await age('22 hours');
    await purge();
    expect(await kept()).toBe(true);
    await age('23 hours');
    await purge();
    expect(await kept()).toBe(false);
    const schedules = service.app.nest.get(JobRegistry, { strict: false });
    expect(JSON.stringify([...schedules.schedules])).toContain('deletion-notices.purge');
  });
});
