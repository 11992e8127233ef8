import type { JobPayload } from '../../src/jobs/job-queue.js';
import { PermanentFailure } from '../../src/jobs/permanent-failure.js';
import { freePort } from '../support/free-port.js';
import { MailSending, orderOf } from '../support/mail-sending.js';
import { SmtpInbox, type SmtpInboxOptions, tokenIn } from '../support/smtp-server.js';
import { until } from '../support/until.js';

const LINK = 'https://auth.example/account/reset-password#token=abc-def_1';

describe('mail.send over SMTP', () => {
  const open: { stop: () => unknown }[] = [];
  let inbox: SmtpInbox;

  /** Composes `welcome` for the address in the job, and `reset-password`. */
  function sending(settings: Record<string, string>): MailSending {
    const made = new MailSending(settings);
    open.push(made);
    made.composers.register('welcome', async ({ to }) => ({
      to: String(to),
      isVerified: true,
      variables: { username: 'john' },
    }));
    made.composers.register('reset-password', async () => ({
      to: 'john.doe@example.com',
      isVerified: true,
      variables: { username: 'john', link: LINK, validMinutes: 30 },
    }));
    made.composers.register('password-changed', async () => null);
    return made;
  }

  async function started(options?: SmtpInboxOptions): Promise<SmtpInbox> {
    inbox = await SmtpInbox.start(options);
    open.push(inbox);
    return inbox;
  }

  afterEach(async () => {
    for (const one of open.splice(0)) await one.stop();
  });

  it('sends text and HTML from MAIL_FROM to the address', async () => {
    const mails = sending((await started()).settings);
    const order = orderOf('reset-password');
    await mails.send(order);
    const message = await inbox.next();
    expect(message.envelope).toEqual({ from: 'no-reply@service.example', to: ['john.doe@example.com'] });
    expect(message.headers).toMatchObject({
      from: 'Service <no-reply@service.example>',
      to: 'john.doe@example.com',
      subject: 'Reset your password',
      'message-id': `<${order.orderId}@service.example>`,
      'auto-submitted': 'auto-generated',
      'content-language': 'en',
    });
    expect(message.headers['content-type']).toMatch(/^multipart\/alternative/);
    expect(tokenIn(message)).toBe('abc-def_1');
    expect(await mails.counted()).toEqual(['reset-password sent']);
  });

  it('quotes a sender name with commas and dots (RFC 5322 section 3.4)', async () => {
    const mails = sending({ ...(await started()).settings, MAIL_FROM: 'Example, Inc. <no-reply@service.example>' });
    await mails.send(orderOf('reset-password'));
    const message = await inbox.next();
    expect(message.headers.from).toBe('"Example, Inc." <no-reply@service.example>');
    expect(message.envelope.from).toBe('no-reply@service.example');
  });

  it('sends the message in the language of the job', async () => {
    const mails = sending((await started()).settings);
    await mails.send(orderOf('reset-password', { language: 'de' }));
    expect(await inbox.next()).toMatchObject({
      subject: 'Setzen Sie Ihr Passwort zurück',
      text: expect.stringContaining('Der Link ist 30 Minuten lang gültig') as string,
      html: expect.stringContaining('Neues Passwort wählen') as string,
    });
  });

  it('sends a message again with the same Message-ID', async () => {
    const mails = sending((await started()).settings);
    const order = orderOf('reset-password');
    await mails.send(order);
    await mails.send(order);
    await mails.send(orderOf('reset-password'));
    const [first, second, other] = inbox.messages.map(({ messageId }) => messageId);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  it('sends nothing when the composer returns null', async () => {
    const mails = sending((await started()).settings);
    await mails.send(orderOf('password-changed'));
    expect(inbox.named).toEqual([]);
    expect(await mails.counted()).toEqual(['password-changed skipped']);
  });

  it.each([550, 553])('gives up an address that is refused with %i and sends to others', async (code) => {
    const mails = sending((await started()).settings);
    inbox.refusal = (address) => (address.startsWith('gone') ? code : undefined);
    const failure = await mails.failure(orderOf('welcome', { to: 'gone@example.com' }));
    expect(failure).toBeInstanceOf(PermanentFailure);
    expect(failure.message).toContain(String(code));
    await mails.send(orderOf('welcome', { to: 'here@example.com' }));
    expect((await inbox.next()).envelope.to).toEqual(['here@example.com']);
    expect(await mails.counted()).toEqual(['welcome sent', 'welcome refused']);
  });

  it.each([421, 450, 451, 452, 503])('retries an address that is refused with %i', async (code) => {
    const mails = sending((await started()).settings);
    inbox.refusal = () => code;
    const order = orderOf('welcome', { to: 'later@example.com' });
    expect(await mails.failure(order)).not.toBeInstanceOf(PermanentFailure);
    inbox.refusal = () => undefined;
    await mails.send(order);
    expect(await mails.counted()).toEqual(['welcome sent', 'welcome deferred']);
  });

  it('does not reveal the recipient in its errors', async () => {
    const mails = sending((await started()).settings);
    inbox.refusal = () => 550;
    const failure = await mails.failure(orderOf('welcome', { to: 'john.doe@example.com' }));
    expect(JSON.stringify([failure, failure.message, failure.stack, failure.cause])).not.toContain('john.doe');
    expect(mails.lines.join()).not.toContain('john.doe');
  });

  it('logs the message and a masked address, without the link', async () => {
    const mails = sending((await started()).settings);
    const order = orderOf('reset-password');
    await mails.send(order);
    const [line = '', ...more] = mails.lines;
    expect(more).toEqual([]);
    expect(JSON.parse(line)).toMatchObject({
      level: 30,
      template: 'reset-password',
      user_id: 7,
      attempt: 1,
      message_id: `<${order.orderId}@service.example>`,
      to: 'j***@e***.com',
    });
    expect(line).not.toMatch(/john|example\.com|token|https?:/);
  });

  it('succeeds on a retry once the server is up', async () => {
    const port = await freePort();
    const mails = sending({ SMTP_HOST: '127.0.0.1', SMTP_PORT: String(port), SMTP_TLS: 'off' });
    const order = orderOf('reset-password');
    expect(await mails.failure(order)).not.toBeInstanceOf(PermanentFailure);
    await started({ port });
    await mails.send(order);
    expect((await inbox.next()).messageId).toContain(order.orderId);
  });

  it.each(['greeting', 'message'] as const)(
    'stops waiting for a server that is silent at the %s when the process stops',
    async (point) => {
      const mails = sending((await started()).settings);
      inbox.silentAt = point;
      const ending = new AbortController();
      const failing = mails.failure(orderOf('reset-password'), ending.signal);
      await until(() => inbox.hanging > 0);
      ending.abort();
      expect(await failing).not.toBeInstanceOf(PermanentFailure);
      expect(await mails.counted()).toEqual(['reset-password deferred']);
    },
  );

  it.each([
    'a@example.com, b@example.com',
    'a@example.com\r\nRCPT TO:<b@example.com>',
    'Somebody <a@example.com>',
    '"a b"@example.com',
  ])('sends nothing when the address of the account is %j', async (to) => {
    const mails = sending((await started()).settings);
    const failure = await mails.failure(orderOf('welcome', { to }));
    expect(failure).toBeInstanceOf(PermanentFailure);
    expect(failure.message).not.toContain('example');
    expect(inbox.named).toEqual([]);
  });

  it('retries a message without a composer, which another version of the service may have', async () => {
    const mails = sending((await started()).settings);
    expect(await mails.failure(orderOf('new-sign-in'))).not.toBeInstanceOf(PermanentFailure);
  });

  it.each<JobPayload>([{ userId: 'x' }, { orderId: '<x@y>' }, { orderId: null }, { language: 'fr' }, { template: 7 }])(
    'gives up a job with the invalid payload %j',
    async (wrong) => {
      const mails = sending((await started()).settings);
      expect(await mails.failure({ ...orderOf('reset-password'), ...wrong })).toBeInstanceOf(PermanentFailure);
      expect(inbox.named).toEqual([]);
    },
  );
});
