import { healthyFacts, said } from '../../../test/support/healthy-facts.js';

const { settings } = healthyFacts();
const withFile = (mode: number | undefined) => ({ facts: { settings: { ...settings, file: { name: '.env', mode } } } });
const withoutFile = { facts: { settings: { ...settings, file: undefined } } };

describe('settings', () => {
  it('passes for valid settings', () => {
    expect(said('settings')).toEqual(['pass: every setting is valid, read from .env and the process']);
    expect(said('settings', withoutFile)).toEqual(['pass: every setting is valid, read from the process']);
  });

  it('fails for each invalid setting', () => {
    expect(said('settings', { settings: { APP_PORT: 'x', WORKERS: '0' } })).toEqual([
      'fail: APP_PORT holds "x"; expected a port from 0 to 65535',
      'fail: WORKERS holds "0"; expected a number of processes from 1 to 256',
    ]);
  });

  it('leaves a weak key to the check of the key', () => {
    expect(said('settings', { settings: { SECRET_KEY: 'weak' } })).toEqual([]);
    expect(said('secret-key', { settings: { SECRET_KEY: 'weak' } })).toEqual([
      'fail: SECRET_KEY cannot be used: it has 4 bytes, but HS256 needs at least 32',
    ]);
  });

  it('warns of settings without effect', () => {
    const ineffective = ['POSTGRES_USER in .env is not a setting of this service and has no effect'];
    expect(said('settings-without-effect', { facts: { settings: { ...settings, ineffective } } })).toEqual([
      `warn: ${ineffective[0]}`,
    ]);
    expect(said('settings-without-effect')).toEqual(['pass: every line in the settings file has an effect']);
  });

  it.each([
    [0o600, 'pass: .env is not accessible to others (mode 0600)'],
    [0o400, 'pass: .env is not accessible to others (mode 0400)'],
    [0o640, 'pass: .env is not accessible to others (mode 0640)'],
    [0o644, 'warn: every account of this machine may read .env (mode 0644)'],
    [0o660, 'fail: other accounts may write .env (mode 0660)'],
    [0o602, 'fail: other accounts may write .env (mode 0602)'],
  ])('checks a file with mode %o', (mode, expected) => {
    expect(said('settings-file-mode', withFile(mode))).toEqual([expected]);
  });

  it('does not check the mode without a file, or of a file without a mode', () => {
    expect(said('settings-file-mode', withFile(undefined))).toEqual([]);
    expect(said('settings-file-mode', withoutFile)).toEqual([]);
  });
});

describe('DEBUG', () => {
  it.each([
    ['127.0.0.1', 'warn: DEBUG is on: weak secrets are accepted'],
    ['localhost', 'warn: DEBUG is on: weak secrets are accepted'],
    ['::1', 'warn: DEBUG is on: weak secrets are accepted'],
    ['0.0.0.0', 'fail: DEBUG is on, and APP_HOST=0.0.0.0 accepts connections from other machines'],
    ['::', 'fail: DEBUG is on, and APP_HOST=:: accepts connections from other machines'],
    ['10.0.0.5', 'fail: DEBUG is on, and APP_HOST=10.0.0.5 accepts connections from other machines'],
  ])('on with APP_HOST=%s', (APP_HOST, expected) => {
    expect(said('debug', { settings: { DEBUG: 'True', APP_HOST } })).toEqual([expected]);
  });

  it('off', () => expect(said('debug')).toEqual(['pass: DEBUG is off']));
});

describe('LOG_LEVEL', () => {
  it.each([
    ['info', 'False', 'pass: LOG_LEVEL is info'],
    ['warn', 'False', 'pass: LOG_LEVEL is warn'],
    ['trace', 'True', 'pass: LOG_LEVEL is trace'],
    ['debug', 'False', 'warn: LOG_LEVEL is debug: every SQL statement is logged'],
    ['silent', 'False', 'warn: LOG_LEVEL is silent: requests and warnings are not logged'],
  ])('%s with DEBUG=%s', (LOG_LEVEL, DEBUG, expected) => {
    expect(said('log-level', { settings: { LOG_LEVEL, DEBUG } })).toEqual([expected]);
  });
});
