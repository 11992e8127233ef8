import { said } from '../../../test/support/healthy-facts.js';
import { SERVICE_VERSION } from '../../platform/http/service-info.js';
import { isLoopback, isPrivate } from '../facts/network-facts.js';

describe('port', () => {
  it.each([
    [{ state: 'free' }, {}, 'pass: 127.0.0.1:8001 is free'],
    [{ state: 'free' }, { APP_PORT: '0' }, 'warn: APP_PORT=0 uses a different port at each start'],
    [
      { state: 'free' },
      { APP_HOST: 'localhost' },
      'warn: localhost may mean only ::1, so that a proxy cannot connect to 127.0.0.1',
    ],
    [{ state: 'taken' }, {}, 'fail: another program listens on 127.0.0.1:8001'],
    [{ state: 'ours', version: SERVICE_VERSION }, {}, 'pass: this service answers on 127.0.0.1:8001'],
    [
      { state: 'ours', version: '0.9.0' },
      {},
      `warn: version 0.9.0 of this service answers on 127.0.0.1:8001, but this is ${SERVICE_VERSION}`,
    ],
    [
      { state: 'refused', code: 'EACCES' },
      { APP_PORT: '443' },
      'fail: 127.0.0.1:443 cannot be used: this account may not use the port: ports below 1024 need a privilege',
    ],
    [
      { state: 'refused', code: 'EAFNOSUPPORT' },
      { APP_HOST: '::' },
      'fail: [::]:8001 cannot be used: this machine has no IPv6',
    ],
    [{ state: 'refused', code: 'ESTRANGE' }, {}, 'fail: 127.0.0.1:8001 cannot be used: ESTRANGE'],
    [{ state: 'free' }, { APP_PORT: 'x' }, 'info: not checked: APP_HOST or APP_PORT is invalid'],
  ] as const)('%j under %j', (port, settings, expected) => {
    expect(said('port', { settings, facts: { port } })).toEqual([expected]);
  });
});

describe('trust-proxy', () => {
  it.each([
    ['127.0.0.1', '1', 'pass: only this machine'],
    ['::1', '2', 'pass: only this machine'],
    ['127.0.0.1', '0', 'warn: no proxy is trusted'],
    ['0.0.0.0', '1', 'warn: TRUST_PROXY=1, and APP_HOST=0.0.0.0 accepts connections from other machines'],
    ['0.0.0.0', '0', 'warn: passwords and tokens are not encrypted: APP_HOST=0.0.0.0'],
  ])('behind %s with %s', (APP_HOST, TRUST_PROXY, expected) => {
    expect(said('trust-proxy', { settings: { APP_HOST, TRUST_PROXY } })).toEqual([expect.stringContaining(expected)]);
  });
});

describe('cors-origins', () => {
  it.each([
    ['["*"]', ['fail: every website may read the responses: CORS_ORIGINS contains *']],
    ['["https://a.example","*"]', ['fail: every website may read the responses: CORS_ORIGINS contains *']],
    ['["https://a.example","https://b.example"]', ['pass: https://a.example, https://b.example']],
    ['[]', ['pass: no website may call the API']],
    ['["http://localhost:5173"]', ['pass: http://localhost:5173']],
    [
      '["http://a.example"]',
      ['warn: http://a.example does not use TLS: anybody on the network path can impersonate it'],
    ],
    [
      '',
      [
        'warn: CORS_ORIGINS is not set, so the documented default origins apply: http://localhost:3000 and http://192.168.0.112:3000',
      ],
    ],
    [
      '["http://localhost:3000","http://192.168.0.112:3000"]',
      ['warn: CORS_ORIGINS contains the sample origins http://localhost:3000 and http://192.168.0.112:3000'],
    ],
    ['["capacitor://localhost","app://x"]', ['pass: capacitor://localhost, app://x']],
    ['["https://*.example"]', ['info: not checked: CORS_ORIGINS cannot be read']],
    [
      '["http://localhost:3000","http://a.example"]',
      [
        'warn: CORS_ORIGINS contains the sample origins http://localhost:3000',
        'warn: http://a.example does not use TLS: anybody on the network path can impersonate it',
      ],
    ],
  ])('%s', (CORS_ORIGINS, expected) => {
    expect(said('cors-origins', { settings: { CORS_ORIGINS } })).toEqual(expected);
  });

  it('is at most a warning with DEBUG', () => {
    const says = (CORS_ORIGINS: string) => said('cors-origins', { settings: { CORS_ORIGINS, DEBUG: 'True' } });
    expect(says('["*"]')).toEqual(['warn: every website may read the responses: CORS_ORIGINS contains *']);
    expect(says('')).toEqual(['pass: 2 origins']);
  });
});

describe('docs, limits and metrics', () => {
  it.each([
    ['docs', { DOCS_ENABLED: 'True' }, 'info: /docs, /redoc and /openapi.json are public'],
    ['docs', { DOCS_ENABLED: 'True', DEBUG: 'True' }, 'pass: /docs is served'],
    ['docs', { DOCS_ENABLED: 'False' }, 'pass: /docs is not served'],
    ['rate-limit', {}, 'pass: requests and sign-in attempts are limited'],
    ['rate-limit', { RATE_LIMIT: 'off' }, 'fail: RATE_LIMIT is off: password guessing is not limited'],
    ['rate-limit', { RATE_LIMIT: 'off', DEBUG: 'True' }, 'warn: RATE_LIMIT is off: password guessing is not limited'],
    ['metrics-token', {}, 'pass: /metrics requires METRICS_TOKEN'],
    [
      'metrics-token',
      { METRICS_TOKEN: '' },
      'info: METRICS_TOKEN is not set: /metrics is available only on this machine, without a proxy',
    ],
  ] as const)('%s under %j', (check, settings, expected) => {
    expect(said(check, { settings })).toEqual([expected]);
  });
});

describe('redis', () => {
  const found = { endpoint: 'redis.example:6379', isTls: true, isLocal: false, isReachable: true };

  it.each([
    [found, ['pass: Redis at redis.example:6379 accepts connections']],
    [{ ...found, isTls: false }, ['warn: Redis at redis.example:6379 is used without TLS']],
    [{ ...found, isTls: false, isLocal: true }, ['pass: Redis at redis.example:6379 accepts connections']],
    [
      { ...found, isReachable: false },
      ['warn: Redis at redis.example:6379 does not answer: each process limits requests separately'],
    ],
  ])('%j', (redis, expected) => expect(said('redis', { facts: { redis } })).toEqual(expected));

  it('is recommended only for several workers', () => {
    const facts = { redis: undefined };
    expect(said('redis', { facts, settings: { WORKERS: '1' } })).toEqual([]);
    expect(said('redis', { facts, settings: { WORKERS: '2' } })[0]).toMatch(/^info: without REDIS_URL/);
  });
});

describe('addresses', () => {
  it.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost', '::ffff:127.0.0.1'])('%s is loopback', (address) =>
    expect(isLoopback(address)).toBe(true),
  );
  it.each(['128.0.0.1', '0.0.0.0', '::', 'localhost.example', '10.0.0.1'])('%s is not loopback', (address) =>
    expect(isLoopback(address)).toBe(false),
  );
  it.each([
    '10.1.2.3',
    '172.16.0.1',
    '172.31.9.9',
    '192.168.1.1',
    '100.64.0.1',
    '::ffff:10.0.0.1',
    'fd12:3456::1',
    'fe80::1',
  ])('%s is private', (address) => expect(isPrivate(address)).toBe(true));
  it.each(['172.32.0.1', '100.128.0.1', '203.0.113.5', '2001:db8::1', '11.0.0.1', 'fdomain.example'])(
    '%s is public',
    (address) => expect(isPrivate(address)).toBe(false),
  );
});
