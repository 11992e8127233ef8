import { v7 as uuid } from 'uuid';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { type Account, register, uniqueName } from '../support/accounts.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { SmtpInbox, type SmtpInboxOptions } from '../support/smtp-server.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';
import { until } from '../support/until.js';

// Several starts of Node, and the time until the jobs of a killed worker are taken over.
jest.setTimeout(90_000);

describe('an enqueued message', () => {
  const processes: ServiceProcess[] = [];
  let build: ServiceBuild;
  let database: DatabaseSettings;
  let inbox: SmtpInbox;

  beforeAll(async () => {
    build = await ServiceBuild.make();
  });
  beforeEach(async () => {
    database = await createDatabase();
  });
  afterEach(async () => {
    for (const service of processes.splice(0)) {
      service.kill('SIGKILL');
      await service.ended;
    }
    await inbox.stop();
    await dropDatabase(database);
  });
  afterAll(() => build.remove());

  async function receiving(options?: SmtpInboxOptions): Promise<void> {
    inbox = await SmtpInbox.start(options);
  }

  function started(more: Record<string, string> = {}): ServiceProcess {
    const service = build.start({ ...variablesOf(database), ...inbox.settings, WORKER: 'embedded', ...more });
    processes.push(service);
    return service;
  }

  async function registered(service: ServiceProcess): Promise<Account & { email: string }> {
    const email = `${uniqueName()}@example.com`;
    return { ...(await register(await service.ready(), { email })), email };
  }

  /** Enqueues a message. @returns the order's id */
  async function order({ id }: Account): Promise<string> {
    const orderId = uuid();
    const payload = { template: 'welcome', language: 'en', userId: id, orderId };
    await query(database, "SELECT graphile_worker.add_job('mail.send', $1::json)", [JSON.stringify(payload)]);
    return orderId;
  }

  const waiting = async () => query(database, 'SELECT id FROM graphile_worker._private_jobs');

  it('is delivered after a restart if the process was killed before the SMTP server received it', async () => {
    await receiving();
    inbox.silentAt = 'message';
    const killed = started();
    const account = await registered(killed);
    const orderId = await order(account);
    await until(() => inbox.hanging === 1);
    killed.kill('SIGKILL');
    await killed.ended;
    expect(inbox.messages).toEqual([]);

    inbox.silentAt = undefined;
    started();
    const message = await inbox.next();
    expect(message.envelope.to).toEqual([account.email]);
    expect(message.messageId).toBe(`<${orderId}@service.example>`);
    await until(async () => (await waiting()).length === 0);
    expect(inbox.messages).toHaveLength(1);
  });

  it('arrives twice with the same Message-ID if the process was killed before the SMTP server confirmed it', async () => {
    await receiving();
    inbox.silentAt = 'thanks';
    const killed = started();
    const orderId = await order(await registered(killed));
    await until(() => inbox.hanging === 1);
    killed.kill('SIGKILL');
    await killed.ended;

    inbox.silentAt = undefined;
    started();
    const [first, second] = [await inbox.next(), await inbox.next()];
    expect([first.messageId, second.messageId]).toEqual(Array(2).fill(`<${orderId}@service.example>`));
  });

  it.each(['starttls', 'tls'] as const)(
    'is sent over %s to a server whose certificate is in NODE_EXTRA_CA_CERTS',
    async (tls) => {
      await receiving({ tls, auth: { user: 'service', password: 'a-password-of-smtp' } });
      const service = started({ NODE_EXTRA_CA_CERTS: inbox.certificate ?? '' });
      await order(await registered(service));
      expect(await inbox.next()).toMatchObject({ isEncrypted: true, user: 'service' });
      expect(service.output).not.toContain('a-password-of-smtp');
    },
  );

  it('is written to DATA_DIR/mail without an SMTP server, and the log has its path', async () => {
    await receiving();
    const service = started({ SMTP_HOST: '', SMTP_USER: '', SMTP_PASSWORD: '' });
    const orderId = await order(await registered(service));
    const [, path] = await service.said(/wrote a message to (\S+):/);
    expect(path).toMatch(new RegExp(`mail/${orderId}\\.welcome\\.eml$`));
    expect(inbox.connections).toBe(0);
  });
});
