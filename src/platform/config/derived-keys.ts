import { hkdfSync } from 'node:crypto';
import type { Environment } from './environment.js';

/**
 * The keys for one purpose, derived from SECRET_KEY and then from SECRET_KEY_PREVIOUS (RFC 5869). A derived key reveals
 * nothing about the keys for other purposes or about SECRET_KEY.
 *
 * @param purpose a fixed label
 */
export function derivedKeys(
  { SECRET_KEY, SECRET_KEY_PREVIOUS }: Pick<Environment, 'SECRET_KEY' | 'SECRET_KEY_PREVIOUS'>,
  purpose: string,
): readonly [Buffer, ...Buffer[]] {
  const derive = (secret: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
  return [derive(SECRET_KEY), ...(SECRET_KEY_PREVIOUS ? [derive(SECRET_KEY_PREVIOUS)] : [])];
}
