import { devNull } from 'node:os';
import { examineEnvironment } from '../../settings/load-environment.js';
import { smtpSettings } from './smtp-settings.js';

function examined(variables: Record<string, string>): ReturnType<typeof examineEnvironment> {
  return examineEnvironment({ ENV_FILE: devNull, DEBUG: 'True', ...variables });
}

describe('smtpSettings', () => {
  it('are undefined without SMTP_HOST', () => expect(smtpSettings(examined({}).environment)).toBeUndefined());

  it.each([
    ['starttls', { secure: false, requireTLS: true, ignoreTLS: false }],
    ['STARTTLS', { secure: false, requireTLS: true, ignoreTLS: false }],
    ['tls', { secure: true, requireTLS: false, ignoreTLS: false }],
    ['off', { secure: false, requireTLS: false, ignoreTLS: true }],
    ['', { secure: false, requireTLS: true, ignoreTLS: false }],
  ])('encrypt as SMTP_TLS=%s specifies, and verify the certificate', (SMTP_TLS, expected) => {
    const settings = smtpSettings(examined({ SMTP_HOST: 'smtp.example', SMTP_PORT: '2525', SMTP_TLS }).environment);
    expect(settings).toMatchObject({ host: 'smtp.example', port: 2525, ...expected, tls: { minVersion: 'TLSv1.2' } });
    expect(settings).not.toHaveProperty('tls.rejectUnauthorized');
    expect(settings).not.toHaveProperty('auth');
  });

  it('have timeouts of a few seconds for every step', () => {
    const settings = smtpSettings(examined({ SMTP_HOST: 'smtp.example' }).environment);
    const { connectionTimeout, greetingTimeout, socketTimeout, dnsTimeout } = settings ?? {};
    for (const timeout of [connectionTimeout, greetingTimeout, socketTimeout, dnsTimeout]) {
      expect(timeout).toBeGreaterThanOrEqual(5000);
      expect(timeout).toBeLessThanOrEqual(30_000);
    }
  });

  it('authenticate with a username and a password', () => {
    const { environment, problems } = examined({ SMTP_HOST: 'smtp.example', SMTP_USER: 'a', SMTP_PASSWORD: 'b' });
    expect(problems).toEqual([]);
    expect(smtpSettings(environment)).toMatchObject({ auth: { user: 'a', pass: 'b' } });
  });

  it.each([
    [{ SMTP_USER: 'somebody' }, /^SMTP_USER is set and SMTP_PASSWORD is not; expected both, or neither/],
    [{ SMTP_PASSWORD: 'a-password-of-smtp' }, /^SMTP_PASSWORD is set and SMTP_USER is not; expected both, or neither/],
  ])('are invalid with only one of the credentials, %j', (variables, expected) => {
    const { problems } = examined({ SMTP_HOST: 'smtp.example', ...variables });
    expect(problems).toEqual([expect.stringMatching(expected)]);
    expect(problems.join()).not.toContain('a-password-of-smtp');
  });
});
