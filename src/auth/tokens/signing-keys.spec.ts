import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { KeyRing } from '../../platform/config/key-ring.js';
import type { JwtAlgorithm } from '../../platform/config/signing-key.js';
import type { Environment } from '../../settings/environment.js';
import { SigningKeys } from './signing-keys.js';

const CURRENT = 'the-current-key-'.repeat(4);
const PREVIOUS = 'the-previous-key'.repeat(4);

function keys(SECRET_KEY: string, SECRET_KEY_PREVIOUS?: string, JWT_ALGORITHM: JwtAlgorithm = 'HS256'): SigningKeys {
  const environment = { SECRET_KEY, SECRET_KEY_PREVIOUS, JWT_ALGORITHM } as Environment;
  return new SigningKeys(new KeyRing(environment), environment);
}

function signed(key: string, header: object = {}, hash = 'sha256'): string {
  const text = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.payload`;
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;
}

const isKey = (chosen: KeyObject | null, key: string) => chosen?.equals(createSecretKey(Buffer.from(key)));

describe('SigningKeys', () => {
  const both = keys(CURRENT, PREVIOUS);
  const kidOf = (key: string) => keys(key).signer.id;

  it('signs with the current key under an id that is the same in every process', () => {
    expect(isKey(both.signer.key, CURRENT)).toBe(true);
    expect(both.signer.id).toMatch(/^[\w-]{12}$/);
    expect(both.signer.id).toBe(kidOf(CURRENT));
    expect(kidOf(PREVIOUS)).not.toBe(kidOf(CURRENT));
  });

  it('chooses the key that the token names, even if another key signed it', () => {
    for (const signer of [CURRENT, PREVIOUS]) {
      expect(isKey(both.verifier(signed(signer, { kid: kidOf(CURRENT) })), CURRENT)).toBe(true);
      expect(isKey(both.verifier(signed(signer, { kid: kidOf(PREVIOUS) })), PREVIOUS)).toBe(true);
    }
  });

  it.each([
    kidOf('a-third-key'),
    '',
    `${kidOf(CURRENT)} `,
    kidOf(CURRENT).toLowerCase(),
    null,
    0,
    {},
    [kidOf(CURRENT)],
  ])('has no key with the id %j', (kid) => {
    expect(both.verifier(signed(CURRENT, { kid }))).toBeNull();
  });

  it('does not accept the id of a key that is no longer configured', () => {
    expect(keys(CURRENT).verifier(signed(PREVIOUS, { kid: kidOf(PREVIOUS) }))).toBeNull();
  });

  describe('for a token without an id', () => {
    it('chooses the key that signed it', () => {
      expect(isKey(both.verifier(signed(PREVIOUS)), PREVIOUS)).toBe(true);
      expect(isKey(both.verifier(signed(CURRENT)), CURRENT)).toBe(true);
    });

    it('chooses the current key if there is no other, or neither signed it', () => {
      expect(isKey(keys(CURRENT).verifier(signed(PREVIOUS)), CURRENT)).toBe(true);
      expect(isKey(both.verifier(signed('a-third-key')), CURRENT)).toBe(true);
    });

    it.each<[JwtAlgorithm, string]>([
      ['HS256', 'sha256'],
      ['HS384', 'sha384'],
      ['HS512', 'sha512'],
    ])('recognizes the previous key with %s by the hash of that algorithm only', (algorithm, hash) => {
      for (const other of ['sha256', 'sha384', 'sha512']) {
        const chosen = keys(CURRENT, PREVIOUS, algorithm).verifier(signed(PREVIOUS, {}, other));
        expect([other, isKey(chosen, PREVIOUS)]).toEqual([other, other === hash]);
      }
    });

    it.each(['', '-', '.', '..', 'a.b', 'a.b.', '💡.💡.💡', signed(PREVIOUS).slice(0, -4), `${signed(PREVIOUS)}AAAA`])(
      'chooses the current key for %j',
      (text) => {
        expect(isKey(both.verifier(text), CURRENT)).toBe(true);
      },
    );
  });
});
