import { said } from '../../../test/support/healthy-facts.js';

const REFUSED = { facts: { mailServer: { endpoint: 'smtp.example:587', refusal: 'connect ECONNREFUSED' } } };

describe('mail', () => {
  it.each([
    [{}, 'pass: smtp.example:587 accepts messages'],
    [REFUSED, 'fail: smtp.example:587 rejects messages: connect ECONNREFUSED'],
    [{ ...REFUSED, settings: { DEBUG: 'True' } }, 'warn: smtp.example:587 rejects messages: connect ECONNREFUSED'],
    [{ settings: { SMTP_HOST: 'a b' } }, 'warn: not checked: SMTP_HOST is invalid'],
    [
      { settings: { SMTP_PORT: 'x' }, facts: { mailServer: undefined } },
      'warn: not checked: the SMTP settings are invalid',
    ],
  ])('%j', (changes, expected) => expect(said('mail', changes)).toEqual([expected]));

  it.each([
    [{}, 'warn: SMTP_HOST is not set: messages are written to DATA_DIR/mail, and users do not receive'],
    [
      { EMAIL_VERIFICATION: 'required' },
      'fail: SMTP_HOST is not set: messages are written to DATA_DIR/mail, and new users',
    ],
    [
      { DEBUG: 'True', EMAIL_VERIFICATION: 'required' },
      'pass: SMTP_HOST is not set: messages are written to DATA_DIR/mail',
    ],
  ])('without a server under %j', (settings, expected) => {
    const changes = { settings: { ...settings, SMTP_HOST: '' }, facts: { mailServer: undefined } };
    expect(said('mail', changes)).toEqual([expect.stringContaining(expected)]);
    for (const check of ['mail-encryption', 'mail-sender', 'public-url']) expect(said(check, changes)).toEqual([]);
  });
});

describe('messages', () => {
  it.each([
    ['mail-encryption', {}, 'pass: the connection to the SMTP server is encrypted (starttls)'],
    ['mail-encryption', { SMTP_TLS: 'tls' }, 'pass: the connection to the SMTP server is encrypted (tls)'],
    ['mail-encryption', { SMTP_TLS: 'off', SMTP_HOST: '127.0.0.1' }, 'pass: the SMTP server is on this machine'],
    ['mail-encryption', { SMTP_TLS: 'off' }, 'fail: SMTP_TLS is off: the password of auth is sent unencrypted'],
    [
      'mail-encryption',
      { SMTP_TLS: 'off', SMTP_USER: '', SMTP_PASSWORD: '' },
      'warn: SMTP_TLS is off: links that give access to accounts are sent unencrypted',
    ],
    ['mail-sender', {}, 'pass: messages come from Shop <no-reply@shop.example>'],
    [
      'mail-sender',
      { MAIL_FROM: '' },
      'fail: messages come from no-reply@localhost.localdomain, which mail servers reject',
    ],
    ['public-url', {}, 'pass: links in messages lead to https://auth.example'],
    [
      'public-url',
      { PUBLIC_URL: '' },
      'fail: links in messages lead to http://localhost:8001, the machine of the recipient',
    ],
    [
      'public-url',
      { PUBLIC_URL: 'https://[::1]' },
      'fail: links in messages lead to https://[::1], the machine of the recipient',
    ],
    [
      'public-url',
      { PUBLIC_URL: 'http://auth.example', DEBUG: 'True' },
      'warn: links in messages lead to http://auth.example, without TLS: anyone on the network path can use them',
    ],
  ])('%s under %j', (check, settings, expected) => expect(said(check, { settings })).toEqual([expected]));
});

describe('without a mail server', () => {
  it.each([
    [{}, []],
    [{ DEBUG: 'True', PUBLIC_URL: '' }, []],
    [
      { PUBLIC_URL: '' },
      [
        'warn: PUBLIC_URL is not set: pages on its own origin cannot keep a refresh token in a cookie, and redirects behind a proxy are relative',
      ],
    ],
  ])('public-url under %j', (settings, expected) => {
    const without = { SMTP_HOST: '', SMTP_USER: '', SMTP_PASSWORD: '' };
    expect(said('public-url', { settings: { ...settings, ...without }, facts: { mailServer: undefined } })).toEqual(
      expected,
    );
  });
});
