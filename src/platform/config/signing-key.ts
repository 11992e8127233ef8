export type JwtAlgorithm = 'HS256' | 'HS384' | 'HS512';

/** Minimum length of a key in bytes (RFC 7518 section 3.2). */
export const MINIMUM_KEY_BYTES: Readonly<Record<JwtAlgorithm, number>> = { HS256: 32, HS384: 48, HS512: 64 };

/** The key in `.env.example`. It is refused in production, in case the file is copied unchanged. */
export const EXAMPLE_SECRET_KEY = 'replace-me-with-the-output-of-openssl-rand-base64-48-0000000000000000';

/** Keys from public documentation: of this service, of the FastAPI service and of FastAPI itself. */
const PUBLISHED_KEYS: ReadonlySet<string> = new Set([
  EXAMPLE_SECRET_KEY,
  '5xQJYZX9cg4yTt1RmKnb8skhmQ45BN_bgfbTpyPo14Q',
  '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
]);

/**
 * The reason why a key must not sign or verify tokens: it is missing, published, or shorter than the algorithm
 * requires. Undefined if the key is acceptable. The reason never contains the key.
 */
export function weaknessOfKey(key: string | undefined, algorithm: JwtAlgorithm): string | undefined {
  if (!key) return 'it is not set';
  if (PUBLISHED_KEYS.has(key)) return 'it is printed in public documentation';
  const bytes = Buffer.byteLength(key);
  const minimum = MINIMUM_KEY_BYTES[algorithm];
  return bytes < minimum ? `it has ${bytes} bytes, but ${algorithm} needs at least ${minimum}` : undefined;
}
