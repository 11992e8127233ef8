import type { FastifyRequest } from 'fastify';
import type { PlatformSettings } from '../config/platform-settings.js';
import { OperatorGuard } from './operator.guard.js';

const TOKEN = 'a-token-that-prometheus-knows';

function request(address: string | undefined, headers: Record<string, string> = {}): FastifyRequest {
  const sent = { host: 'localhost:8001', ...headers };
  return { headers: sent, raw: { headers: sent, socket: { remoteAddress: address } } } as unknown as FastifyRequest;
}

describe('OperatorGuard', () => {
  const guard = new OperatorGuard({ METRICS_TOKEN: TOKEN } as PlatformSettings);
  const bare = new OperatorGuard({} as PlatformSettings);

  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('lets in a request from %s', (address) => {
    expect(bare.isOperator(request(address))).toBe(true);
  });

  it.each([
    '10.0.0.1',
    '192.168.0.1',
    '::ffff:10.0.0.1',
    '::2',
    'fe80::1',
    '1127.0.0.1',
    '127.0.0.1.example',
    undefined,
  ])('refuses a request from %s', (address) => {
    expect(guard.isOperator(request(address))).toBe(false);
  });

  it.each([
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-forwarded-port',
    'forwarded',
    'x-real-ip',
    'via',
  ])('treats a request with %s as forwarded by a proxy, regardless of the value', (name) => {
    expect(bare.isOperator(request('127.0.0.1', { [name]: '127.0.0.1' }))).toBe(false);
    expect(bare.isOperator(request('127.0.0.1', { [name]: '' }))).toBe(false);
  });

  it.each([
    undefined,
    '',
    'metrics.example',
    'localhost.example:8001',
    '127.0.0.1.example',
    '10.0.0.1:8001',
    '0.0.0.0',
  ])('refuses a request for the host %s, which may come from a website by DNS rebinding', (host) => {
    const sent = { host } as unknown as Record<string, string>;
    expect(bare.isOperator(request('127.0.0.1', sent))).toBe(false);
    expect(guard.isOperator(request('127.0.0.1', { ...sent, authorization: `Bearer ${TOKEN}` }))).toBe(true);
  });

  it.each(['Bearer', 'bearer', 'BEARER'])('lets in a request with the token as %s', (scheme) => {
    expect(guard.isOperator(request('203.0.113.9', { authorization: `${scheme} ${TOKEN}` }))).toBe(true);
  });

  it.each([
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    `Bearer ${TOKEN} x`,
    `Bearer ${TOKEN},Bearer ${TOKEN}`,
    `xBearer ${TOKEN}`,
    'Bearer ',
    'Bearer undefined',
    TOKEN,
    '',
  ])('refuses the Authorization header %j', (authorization) => {
    for (const each of [guard, bare]) expect(each.isOperator(request('203.0.113.9', { authorization }))).toBe(false);
  });
});
