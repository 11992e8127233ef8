import { createHmac } from 'node:crypto';
import type { Environment } from '../../platform/config/environment.js';
import type { JwtAlgorithm } from '../../platform/config/signing-key.js';
import { keyObject, VerificationKeys } from './verification-keys.js';

const CURRENT = 'the-current-key-'.repeat(4);
const PREVIOUS = 'the-previous-key'.repeat(4);

const keys = (previous?: string, algorithm: JwtAlgorithm = 'HS256') =>
  new VerificationKeys({
    SECRET_KEY: CURRENT,
    SECRET_KEY_PREVIOUS: previous,
    JWT_ALGORITHM: algorithm,
  } as Environment);

const signed = (key: string, hash = 'sha256', text = 'header.payload') =>
  `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;

const isCurrent = (chosen: ReturnType<typeof keyObject>) => chosen.equals(keyObject(CURRENT));

describe('VerificationKeys', () => {
  it('gives the key that signed the token', () => {
    expect(keys(PREVIOUS).keyFor(signed(PREVIOUS)).equals(keyObject(PREVIOUS))).toBe(true);
    expect(isCurrent(keys(PREVIOUS).keyFor(signed(CURRENT)))).toBe(true);
  });

  it('gives the current key for everything when there is no other, and for what neither signed', () => {
    expect(isCurrent(keys().keyFor(signed(PREVIOUS)))).toBe(true);
    expect(isCurrent(keys(PREVIOUS).keyFor(signed('a-third-key')))).toBe(true);
  });

  it.each<[JwtAlgorithm, string]>([
    ['HS256', 'sha256'],
    ['HS384', 'sha384'],
    ['HS512', 'sha512'],
  ])('knows the previous key of %s by that hash only', (algorithm, hash) => {
    for (const other of ['sha256', 'sha384', 'sha512']) {
      expect([other, isCurrent(keys(PREVIOUS, algorithm).keyFor(signed(PREVIOUS, other)))]).toEqual([
        other,
        other !== hash,
      ]);
    }
  });

  it.each(['', '-', '.', '..', 'a.b', 'a.b.', '💡.💡.💡', signed(PREVIOUS).slice(0, -4), `${signed(PREVIOUS)}AAAA`])(
    'gives the current key for %j',
    (text) => {
      expect(isCurrent(keys(PREVIOUS).keyFor(text))).toBe(true);
    },
  );
});
