import { healthyFacts, said } from '../../../test/support/healthy-facts.js';
import { EXAMPLE_SECRET_KEY } from '../../platform/config/signing-key.js';
import { estimateBits, looksLikePlaceholder } from './key-strength.js';
import { secretChecks } from './secret-checks.js';

const OTHER_KEY = 'uJb2pXk7sYcR1hVnQe0LgTzMwFaDiB3q';

describe('secret-key', () => {
  const says = (SECRET_KEY: string, DEBUG = 'False') => said('secret-key', { settings: { SECRET_KEY, DEBUG } });

  it.each([
    ['', 'it is not set'],
    ['short', 'it has 5 bytes, but HS256 needs at least 32'],
    [EXAMPLE_SECRET_KEY, 'it is printed in public documentation'],
    ['09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7', 'it is printed in public documentation'],
  ])('fails for %j, and warns with DEBUG', (key, weakness) => {
    expect(says(key)).toEqual([`fail: SECRET_KEY cannot be used: ${weakness}`]);
    expect(says(key, 'True')).toEqual([`warn: SECRET_KEY cannot be used: ${weakness}`]);
  });

  it('fails for a long key that can be guessed', () => {
    expect(says('k'.repeat(64))).toEqual(['fail: SECRET_KEY is long but can be guessed: about 0 bits']);
    expect(says('abcdefgh'.repeat(8))).toEqual(['fail: SECRET_KEY is long but can be guessed: about 24 bits']);
    expect(says('change-me-'.repeat(4))[0]).toMatch(/^fail: SECRET_KEY is long but can be guessed: about \d+ bits$/);
  });

  it('warns of a key with too few different characters', () => {
    expect(says('01101000110001011010010111000101101001011100010110100101101011010010')).toEqual([
      expect.stringMatching(/^warn: SECRET_KEY is not random enough for its length: about 6\d bits$/),
    ]);
  });

  it('warns of a phrase', () => {
    expect(says('my-super-SECRET-key-for-the-new-backend-2026')).toEqual([
      'warn: SECRET_KEY looks like a phrase or a placeholder',
    ]);
  });

  it.each([
    ['openssl rand -base64 48', 'q8tS0m5dY3jRz1C7uKxVn4bWfE6gHh2pLo9iAaXsQwDrTyUvBcJkMlNePzGqF+/='],
    ['openssl rand -hex 32', '7f3a9c15e0b84d62f19e7ac3054b8d6e21f0c97ab3d8456e9f10a2c7b5e4d386'],
    ['openssl rand -hex 16', '9b1e4c7a02f8d563be90a7f41c6d2853'],
    ['a password manager', OTHER_KEY],
  ])('passes for a key from %s', (_, key) => {
    expect(says(key)).toEqual([`pass: ${key.length} bytes for HS256, which needs 32`]);
  });

  it('requires the length that the algorithm needs', () => {
    expect(said('secret-key', { settings: { JWT_ALGORITHM: 'HS512', SECRET_KEY: OTHER_KEY } })).toEqual([
      'fail: SECRET_KEY cannot be used: it has 32 bytes, but HS512 needs at least 64',
    ]);
  });
});

describe('estimateBits', () => {
  it.each([
    ['', 0],
    ['aaaa', 0],
    ['ab', 2],
    ['abab', 2],
    ['abcdefghabcdefgh', 24],
    ['0123456789abcdef', 64],
    ['💡💡', 0],
  ])('estimates %j as %i bits', (key, bits) => expect(estimateBits(key)).toBe(bits));
});

describe('looksLikePlaceholder', () => {
  it.each(['please-change-me', 'ChangeMe', 'mySecretKey', 'your_key', 'the PASSWORD'])('%s', (key) =>
    expect(looksLikePlaceholder(key)).toBe(true),
  );
  it.each([OTHER_KEY, ''])('not %s', (key) => expect(looksLikePlaceholder(key)).toBe(false));
});

describe('secret-key-previous', () => {
  it.each([
    ['', 'pass: no key is being replaced'],
    [OTHER_KEY, 'warn: SECRET_KEY_PREVIOUS is set: tokens of the previous key are accepted'],
    ['short', 'fail: SECRET_KEY_PREVIOUS cannot be used: it has 5 bytes, but HS256 needs at least 32'],
    [
      'iVTdWNOQl9c2WHbiQhJ7cMbMmZqdYrn8mW0nC6oUe1zjRGXG5n4l0bUq3m4AGcT9',
      'warn: SECRET_KEY_PREVIOUS is SECRET_KEY and has no effect',
    ],
  ])('%j', (SECRET_KEY_PREVIOUS, expected) => {
    expect(said('secret-key-previous', { settings: { SECRET_KEY_PREVIOUS } })).toEqual([expected]);
  });

  it('recommends removal when the refresh tokens of the key have expired, not the access tokens', () => {
    const settings = { SECRET_KEY_PREVIOUS: OTHER_KEY, SESSION_IDLE_DAYS: '14', SESSION_MAX_DAYS: '90' };
    expect(secretChecks['secret-key-previous']?.(healthyFacts({ settings }))).toMatchObject({
      remedy: expect.stringMatching(/^Remove it 14 days after the change/),
    });
  });
});

describe('secrets-differ', () => {
  it('fails if a secret is used twice', () => {
    expect(said('secrets-differ', { settings: { METRICS_TOKEN: 'Zr9mPq2LxV7tKc4W' } })).toEqual([
      'fail: the password of the database and METRICS_TOKEN are the same',
    ]);
    expect(said('secrets-differ', { settings: { SECRET_KEY: OTHER_KEY, METRICS_TOKEN: OTHER_KEY } })).toEqual([
      'fail: SECRET_KEY and METRICS_TOKEN are the same',
    ]);
  });

  it('ignores secrets that are not set', () => {
    const database = { state: 'embedded' } as const;
    expect(said('secrets-differ', { settings: { METRICS_TOKEN: '' }, facts: { database } })).toEqual([
      'pass: all secrets are different',
    ]);
  });
});

describe('token lifetime and password cost', () => {
  it.each([
    ['30', 'pass: access tokens are valid for 30 minutes'],
    ['1440', 'pass: access tokens are valid for 1440 minutes'],
    ['10080', 'warn: access tokens, including stolen ones, are valid for 7 days'],
    ['525600', 'warn: access tokens, including stolen ones, are valid for 30 days'],
  ])('token-lifetime %s', (ACCESS_TOKEN_EXPIRE_MINUTES, expected) => {
    expect(said('token-lifetime', { settings: { ACCESS_TOKEN_EXPIRE_MINUTES } })).toEqual([expected]);
  });

  it.each([
    ['10', 'warn: BCRYPT_ROUNDS is 10: stolen hashes can be cracked 4 times as fast as with 12'],
    ['11', 'warn: BCRYPT_ROUNDS is 11: stolen hashes can be cracked 2 times as fast as with 12'],
    ['12', 'pass: bcrypt with cost 12'],
    ['14', 'pass: bcrypt with cost 14'],
    ['15', 'warn: BCRYPT_ROUNDS is 15: a sign-in occupies a core for seconds'],
  ])('password-cost %s', (BCRYPT_ROUNDS, expected) => {
    expect(said('password-cost', { settings: { BCRYPT_ROUNDS } })).toEqual([expected]);
  });
});
