import { PermanentFailure } from '../../src/jobs/permanent-failure.js';
import { MailSending, orderOf } from '../support/mail-sending.js';
import { SmtpInbox, type SmtpInboxOptions } from '../support/smtp-server.js';

const AUTH = { user: 'service', password: 'a-password-of-smtp' };

describe('the connection to the SMTP server', () => {
  let inbox: SmtpInbox;
  let mails: MailSending;

  async function started(options: SmtpInboxOptions, settings: Record<string, string> = {}): Promise<void> {
    inbox = await SmtpInbox.start(options);
    mails = new MailSending({ ...inbox.settings, ...settings });
    mails.composers.register('welcome', async () => ({
      to: 'john@example.com',
      isVerified: true,
      variables: { username: 'john' },
    }));
  }

  afterEach(async () => {
    mails.stop();
    await inbox.stop();
  });

  it('signs in with SMTP_USER', async () => {
    await started({ auth: AUTH });
    await mails.send(orderOf('welcome'));
    expect((await inbox.next()).user).toBe('service');
  });

  it('retries when the password is wrong, since an operator can correct it', async () => {
    await started({ auth: AUTH }, { SMTP_PASSWORD: 'another-password' });
    const failure = await mails.failure(orderOf('welcome'));
    expect(failure).not.toBeInstanceOf(PermanentFailure);
    expect(failure.message).toMatch(/EAUTH.*535/);
    expect(failure.message).not.toContain('another-password');
  });

  it.each(['starttls', 'tls'] as const)('refuses a self-signed certificate (%s)', async (tls) => {
    await started({ tls, auth: AUTH });
    expect((await mails.failure(orderOf('welcome'))).message).toMatch(/self-signed certificate/);
    expect(inbox.named).toEqual([]);
  });

  it.each([
    ['starttls', 'tls', /SMTP_TLS=tls use port 465, with port 587 or 25 SMTP_TLS=starttls/],
    ['off', 'tls', /with port 587 or 25 SMTP_TLS=starttls/],
    ['off', 'starttls', /does not offer STARTTLS: use SMTP_TLS=tls with port 465/],
  ] as const)(
    'suggests the matching port and SMTP_TLS: a port with %s, a client with %s',
    async (port, client, expected) => {
      await started({ tls: port }, { SMTP_TLS: client });
      expect((await mails.failure(orderOf('welcome'))).message).toMatch(expected);
    },
  );

  it('sends nothing unencrypted when STARTTLS is stripped', async () => {
    await started({ auth: AUTH }, { SMTP_TLS: 'starttls' });
    expect((await mails.failure(orderOf('welcome'))).message).toMatch(/ETLS|STARTTLS/);
    expect(inbox.named).toEqual([]);
  });

  it('reuses one connection for several messages', async () => {
    await started({});
    for (let count = 0; count < 5; count += 1) await mails.send(orderOf('welcome'));
    expect(inbox.messages).toHaveLength(5);
    expect(inbox.connections).toBe(1);
  });
});
