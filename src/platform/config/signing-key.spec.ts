import { EXAMPLE_SECRET_KEY, type JwtAlgorithm, MINIMUM_KEY_BYTES, weaknessOfKey } from './signing-key.js';

const weakness = (key: string | undefined, algorithm: JwtAlgorithm = 'HS256') => weaknessOfKey(key, algorithm);

describe('weaknessOfKey', () => {
  it('requires the length of the hash (RFC 7518 section 3.2)', () => {
    expect(MINIMUM_KEY_BYTES).toEqual({ HS256: 256 / 8, HS384: 384 / 8, HS512: 512 / 8 });
  });

  it.each<[JwtAlgorithm, number]>([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ])('accepts for %s a key of %i bytes, but none shorter', (algorithm, bytes) => {
    expect(weakness('k'.repeat(bytes), algorithm)).toBeUndefined();
    expect(weakness('k'.repeat(bytes - 1), algorithm)).toBe(
      `it has ${bytes - 1} bytes, but ${algorithm} needs at least ${bytes}`,
    );
  });

  it('counts bytes, not characters', () => {
    expect(weakness('é'.repeat(16))).toBeUndefined();
    expect(weakness('é'.repeat(15))).toContain('30 bytes');
  });

  it('refuses a missing key', () => {
    expect(weakness('')).toBe('it is not set');
    expect(weakness(undefined)).toBe('it is not set');
  });

  it.each([
    ['the documentation of the FastAPI service', '5xQJYZX9cg4yTt1RmKnb8skhmQ45BN_bgfbTpyPo14Q'],
    ["FastAPI's own tutorial", '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7'],
    ['.env.example', EXAMPLE_SECRET_KEY],
  ])('refuses the key of %s despite its length', (_, key) => {
    expect(Buffer.byteLength(key)).toBeGreaterThanOrEqual(32);
    expect(weakness(key)).toBe('it is printed in public documentation');
  });

  it('never shows the key', () => {
    expect(weakness('my-short-key')).not.toContain('my-short-key');
  });
});
