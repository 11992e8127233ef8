import { type Account, register, session, uniqueName } from '../support/accounts.js';
import { SmtpInbox } from '../support/smtp-server.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const FIREFOX = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0' };
const CURL = { 'user-agent': 'curl/8.14.1' };

describe('the notice of a sign-in from a new device', () => {
  let app: TestApp;
  let inbox: SmtpInbox;

  beforeEach(async () => {
    inbox = await SmtpInbox.start();
  });
  afterEach(async () => {
    await app.stop();
    await inbox.stop();
  });

  const start = async (settings: Record<string, string> = {}) => {
    app = await TestApp.start({ settings: { ...inbox.settings, WORKER: 'embedded', ...settings } });
  };
  const onTwoDevices = async (account: Account) => {
    for (const device of [FIREFOX, CURL]) await session(app.url, account, { ...device, 'accept-language': 'en' });
  };
  const jobs = async () => app.sql<{ payload: object }>('SELECT payload FROM graphile_worker._private_jobs');

  it('is sent with the device, the IP address and the time', async () => {
    await start();
    const email = `${uniqueName()}@example.com`;
    const account = await register(app.url, { email });
    await onTwoDevices(account);
    const { headers, text } = await inbox.next();
    expect(headers.to).toBe(email);
    for (const fact of [/Device: curl\n/, /IP address: [\d.:a-f]*127\.0\.0\.1\n/, /Time: .*\d/])
      expect(text).toMatch(fact);
    expect(text).toContain(account.username);
  });

  it('is limited per hour, even if a program uses many user agents', async () => {
    await start({ RATE_LIMIT: 'on', MAIL_LIMIT_PER_HOUR: '5' });
    const account = await register(app.url, { email: `${uniqueName()}@example.com` });
    const signInAs = async (...names: string[]) => {
      for (const name of names) await session(app.url, account, { 'user-agent': `program-${name}/1.0` });
      await until(async () => (await jobs()).length === 0);
    };
    await signInAs('a', 'b', 'c', 'd', 'e');
    expect(inbox.messages).toHaveLength(1);
    await app.sql("UPDATE rate_limits SET expires_at = now() - interval '1 second'");
    await signInAs('f');
    expect(inbox.messages).toHaveLength(2);
    expect(inbox.messages.at(-1)?.text).toContain('Device: program-f');
  });

  it('is not sent if the account is deleted first', async () => {
    await start({ WORKER: 'off' });
    const account = await register(app.url, { email: `${uniqueName()}@example.com` });
    await onTwoDevices(account);
    expect(await jobs()).toHaveLength(1);
    await app.sql('DELETE FROM users WHERE id = $1', [account.id]);
    const { database } = app;
    const worker = await TestApp.start({ database, settings: { ...inbox.settings, WORKER: 'embedded' } });
    await until(async () => (await jobs()).length === 0);
    await worker.stop();
    expect(inbox.messages).toEqual([]);
  });

  it('is not enqueued when NEW_DEVICE_MAIL is off', async () => {
    await start({ WORKER: 'off', NEW_DEVICE_MAIL: 'False' });
    await onTwoDevices(await register(app.url, { email: `${uniqueName()}@example.com` }));
    expect(await jobs()).toEqual([]);
  });
});
