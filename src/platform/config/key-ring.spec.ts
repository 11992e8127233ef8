import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../settings/environment.js';
import { type KeyPurpose, KeyRing } from './key-ring.js';

const SECRET = 'the-secret-of-the-golden-keys-'.repeat(2);
const OTHER = 'another-secret-of-the-same-kind'.repeat(2);
const ring = (SECRET_KEY: string, SECRET_KEY_PREVIOUS?: string) =>
  new KeyRing({ SECRET_KEY, SECRET_KEY_PREVIOUS } as Environment);

/** Tokens and counts of earlier releases depend on these keys. */
const KEYS: Readonly<Record<KeyPurpose, string>> = {
  'access-token.key-id': 'oklqBMj4xFc7KDeJVe5Re7gIiAJ5jPrh1KjSuJgg-4E',
  'refresh-token.tag': '0MEfMUNK2USV1k3pXsd4dE0EochRPiAjWhgZFPvMcrk',
  'refresh-token.successor': 'WUKqF6xF1r4i7HMMKLEzFkuVoEER2H4P3kDn_a4U4S0',
  'link-token': 'hUTca8Znu9epchIbk6dmZ3zMPw3S0NjIiUOpW-YcTLs',
  'mail.address-name': 'MkGIVGWVOz8B82BYyVaN3Ksi25YntGLfFYZ6aBHayyQ',
  'sign-in.attempt': '-PQApr417CGPohFF7wrSQ4hRX8Ar3YtCUUAR1XTUl5U',
  'sign-in.unknown-name': 'OOnk86nuMzLBC_pwXAkOLrXDQwZsAEvahasDmXfm72I',
};
const PURPOSES = Object.keys(KEYS) as KeyPurpose[];

const texts = (keys: readonly Buffer[]) => keys.map((key) => key.toString('base64url'));

describe('KeyRing', () => {
  it.each(PURPOSES)('always derives the same key for %s', (purpose) => {
    expect(texts(ring(SECRET).derive(purpose))).toEqual([KEYS[purpose]]);
  });

  it.each(PURPOSES)('also derives the key of the previous secret for %s, as the second', (purpose) => {
    expect(texts(ring(OTHER, SECRET).derive(purpose))).toEqual([...texts(ring(OTHER).derive(purpose)), KEYS[purpose]]);
  });

  it('derives a different key for each purpose, and none from an empty or equal previous secret', () => {
    expect(new Set(Object.values(KEYS)).size).toBe(PURPOSES.length);
    for (const previous of ['', SECRET]) expect(ring(SECRET, previous).derive('link-token')).toHaveLength(1);
  });
});

/** Files in src/ whose code, without comments, matches. */
function filesThat(match: RegExp): string[] {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map((file) => file.replaceAll('\\', '/'));
  return sources.filter((file) => {
    const code = readFileSync(join('src', file), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/ .*$/gm, '');
    return match.test(code);
  });
}

describe('a secret', () => {
  it('is read only by the key ring, and where settings are declared and checked', () => {
    const CHECKS = /^(?:.+\.settings|settings\/.+|platform\/config\/signing-key|doctor\/checks\/.+)\.ts$/;
    const readers = filesThat(/SECRET_KEY/).filter((file) => !CHECKS.test(file));
    expect(readers).toEqual(['platform/config/key-ring.ts']);
  });

  it('is used directly only as the key of access tokens', () => {
    const users = filesThat(/\.signingKey\(/);
    expect(users).toEqual(['auth/tokens/signing-keys.ts']);
  });

  it('is derived only by the key ring', () => {
    expect(filesThat(/\bhkdf(?:Sync)?\b/)).toEqual(['platform/config/key-ring.ts']);
  });
});
