import type { AccessTokenClaims } from './access-token.js';
import { VerifiedTokenCache } from './verified-token-cache.js';

const NOW = 1_800_000_000;
const claims = (more: object = {}): AccessTokenClaims => ({
  sub: '1',
  iat: NOW,
  exp: NOW + 1800,
  jti: 'a',
  sid: 's',
  iss: 'i',
  aud: 'a',
  ...more,
});

describe('VerifiedTokenCache', () => {
  it('finds the claims of a cached token only', () => {
    const tokens = new VerifiedTokenCache();
    tokens.set('a.b.c', claims());
    expect(tokens.find('a.b.c', NOW)).toEqual(claims());
    expect(tokens.find('a.b.d', NOW)).toBeUndefined();
    expect(tokens.find('__proto__', NOW)).toBeUndefined();
  });

  it('removes a token at its expiry', () => {
    const tokens = new VerifiedTokenCache();
    tokens.set('a.b.c', claims());
    expect(tokens.find('a.b.c', NOW + 1799.9)).toBeDefined();
    expect(tokens.find('a.b.c', NOW + 1800)).toBeUndefined();
    expect(tokens.find('a.b.c', NOW)).toBeUndefined();
  });

  it('does not cache a token with nbf', () => {
    const tokens = new VerifiedTokenCache();
    tokens.set('a.b.c', claims({ nbf: NOW - 10 }));
    expect(tokens.find('a.b.c', NOW)).toBeUndefined();
  });

  it('removes the oldest token when it is full', () => {
    const tokens = new VerifiedTokenCache(2);
    for (const token of ['a', 'b', 'c']) tokens.set(token, claims());
    expect(['a', 'b', 'c'].map((token) => tokens.find(token, NOW) !== undefined)).toEqual([false, true, true]);
  });

  it('stores a frozen copy of the claims', () => {
    const tokens = new VerifiedTokenCache();
    const original = claims();
    tokens.set('a.b.c', original);
    original.sub = '2';
    expect(tokens.find('a.b.c', NOW)?.sub).toBe('1');
    expect(Object.isFrozen(tokens.find('a.b.c', NOW))).toBe(true);
  });
});
