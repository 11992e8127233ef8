import { devNull } from 'node:os';
import { gatherMailServer } from '../../src/doctor/facts/mail-facts.js';
import { examineEnvironment } from '../../src/settings/load-environment.js';
import { freePort } from '../support/free-port.js';
import { SmtpInbox, type SmtpInboxOptions } from '../support/smtp-server.js';

const AUTH = { user: 'service', password: 'a-password-of-smtp' };

async function factsWith(settings: Record<string, string>): ReturnType<typeof gatherMailServer> {
  const { environment, unreadable } = examineEnvironment({ ENV_FILE: devNull, DEBUG: 'True', ...settings });
  return gatherMailServer(environment, unreadable);
}

describe("the doctor's check of the SMTP server", () => {
  let inbox: SmtpInbox | undefined;

  async function factsAt(
    options: SmtpInboxOptions,
    settings: Record<string, string> = {},
  ): Promise<string | undefined> {
    inbox = await SmtpInbox.start(options);
    const facts = await factsWith({ ...inbox.settings, ...settings });
    expect(facts?.endpoint).toBe(`127.0.0.1:${inbox.port}`);
    expect(inbox.named).toEqual([]);
    return facts?.refusal;
  }
  afterEach(async () => {
    await inbox?.stop();
    inbox = undefined;
  });

  it('accepts a working server', async () => {
    expect(await factsAt({ auth: AUTH })).toBeUndefined();
  });

  it.each([
    ['a wrong password', { auth: AUTH }, { SMTP_PASSWORD: 'another-password' }, /Invalid login: 535/],
    ['a self-signed certificate', { tls: 'starttls' }, {}, /self-signed certificate/],
    ['a server without STARTTLS', {}, { SMTP_TLS: 'starttls' }, /STARTTLS.*use SMTP_TLS=tls with port 465/],
    [
      'a port that does not expect TLS from the start',
      {},
      { SMTP_TLS: 'tls' },
      /with port 587 or 25 SMTP_TLS=starttls/,
    ],
    [
      'a port that expects TLS from the start',
      { tls: 'tls' },
      { SMTP_TLS: 'starttls' },
      /greeting.*SMTP_TLS=tls with port 465/i,
    ],
  ] as const)('reports %s', async (_name, options, settings, expected) => {
    const refusal = await factsAt(options, settings);
    expect(refusal).toMatch(expected);
    expect(refusal).not.toContain('another-password');
  });

  it('reports a port without a listener', async () => {
    const facts = await factsWith({ SMTP_HOST: '127.0.0.1', SMTP_PORT: String(await freePort()) });
    expect(facts?.refusal).toMatch(/ECONNREFUSED/);
  });

  it.each<Record<string, string>>([
    {},
    { SMTP_HOST: 'a b' },
    { SMTP_HOST: '127.0.0.1', SMTP_PORT: '0' },
    { SMTP_HOST: '127.0.0.1', SMTP_TLS: 'x' },
  ])('is skipped with %j', async (settings) => expect(await factsWith(settings)).toBeUndefined());
});
