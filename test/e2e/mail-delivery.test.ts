import { DataSource } from 'typeorm';
import { MailQueue } from '../../src/mail/mail-queue.js';
import { inTransaction } from '../../src/platform/database/transaction.js';
import { type Account, register, signIn, uniqueName } from '../support/accounts.js';
import { freePort } from '../support/free-port.js';
import { scrape, valueIn } from '../support/scrape.js';
import { SmtpInbox } from '../support/smtp-server.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

describe('messages when the SMTP server fails', () => {
  let inbox: SmtpInbox | undefined;
  let app: TestApp;

  async function start(port: number): Promise<void> {
    const server = { SMTP_HOST: '127.0.0.1', SMTP_PORT: String(port), SMTP_TLS: 'off' };
    app = await TestApp.start({ settings: { ...server, WORKER: 'embedded', NEW_DEVICE_MAIL: 'False' } });
  }

  afterEach(async () => {
    await app.stop();
    await inbox?.stop();
    inbox = undefined;
  });

  /** Creates an account and enqueues `welcome` for it as a feature does. */
  async function welcomed(prefix = 'user'): Promise<Account & { email: string }> {
    const email = `${uniqueName(prefix)}@example.com`;
    const account = await register(app.url, { email });
    const mails = app.nest.get(MailQueue);
    await inTransaction(app.nest.get(DataSource), async (tx) =>
      mails.enqueue(tx, { template: 'welcome', userId: account.id, language: 'de' }),
    );
    return { ...account, email };
  }

  const counted = async (outcome: string) =>
    valueIn(await scrape(app.url), 'mails_total', { template: 'welcome', outcome });

  it('are delivered once it is available, while the API responds as usual', async () => {
    const port = await freePort();
    await start(port);
    const account = await welcomed();
    await until(async () => (await counted('deferred')) > 0);
    expect(await signIn(app.url, account)).toMatch(/^ey/);
    inbox = await SmtpInbox.start({ port });
    expect(await inbox.next()).toMatchObject({
      subject: 'Willkommen bei FastAPI Backend',
      envelope: { to: [account.email] },
    });
    expect(await counted('sent')).toBe(1);
  });

  it('do not block the API while it hangs', async () => {
    inbox = await SmtpInbox.start();
    inbox.silentAt = 'message';
    await start(inbox.port);
    const account = await welcomed();
    await welcomed();
    await until(() => inbox?.hanging === 2);
    expect(await signIn(app.url, account)).toMatch(/^ey/);
    expect(await counted('sent')).toBe(0);
  });

  it('are sent to other recipients when it permanently refuses one, which is counted and not retried', async () => {
    inbox = await SmtpInbox.start();
    inbox.refusal = (address) => (address.startsWith('gone') ? 550 : undefined);
    await start(inbox.port);
    const { email: gone } = await welcomed('gone');
    const others = [await welcomed(), await welcomed(), await welcomed()];
    for (const { email } of others) await inbox.next(({ envelope }) => envelope.to.includes(email));
    await until(async () => (await counted('refused')) === 1);
    expect(await counted('sent')).toBe(3);
    const dead = () =>
      app.sql<{ error: string }>(
        'SELECT last_error AS error FROM graphile_worker._private_jobs WHERE attempts >= max_attempts',
      );
    await until(async () => (await dead()).length === 1);
    const [failed] = await dead();
    expect(failed?.error).toMatch(/permanently rejected the message: .*550/);
    expect(failed?.error).not.toContain(gone);
    expect(inbox.named.filter((address) => address === gone)).toEqual([gone]);
  });

  it('are not sent for a rolled back transaction', async () => {
    inbox = await SmtpInbox.start();
    await start(inbox.port);
    const mails = app.nest.get(MailQueue);
    const email = `${uniqueName()}@example.com`;
    const { id } = await register(app.url, { email });
    const rollback = inTransaction(app.nest.get(DataSource), async (tx) => {
      await mails.enqueue(tx, { template: 'welcome', userId: id, language: 'en' });
      throw new Error('rolled back');
    });
    await expect(rollback).rejects.toThrow('rolled back');
    const { email: next } = await welcomed();
    await inbox.next(({ envelope }) => envelope.to.includes(next));
    expect(inbox.named).not.toContain(email);
  });

  it('have a job with ids and without an address, token or link', async () => {
    inbox = await SmtpInbox.start();
    inbox.silentAt = 'greeting';
    await start(inbox.port);
    const { id } = await welcomed();
    const [job] = await app.sql<{ payload: object }>(
      "SELECT payload FROM graphile_worker._private_jobs JOIN graphile_worker._private_tasks t ON t.id = task_id WHERE t.identifier = 'mail.send'",
    );
    const orderId = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;
    expect(job?.payload).toEqual({ template: 'welcome', userId: id, language: 'de', orderId });
  });
});
