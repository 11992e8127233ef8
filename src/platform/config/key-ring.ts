import { hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PlatformSettings } from './platform-settings.js';

/**
 * The label of each purpose (`info` of HKDF, RFC 5869). Changing a label changes the key: tokens of the old key become
 * invalid, and counts start again.
 */
const LABELS = {
  'access-token.key-id': 'nest-auth-backend access-token key-id v1',
  'refresh-token.tag': 'nest-auth-backend refresh-token tag v1',
  'refresh-token.successor': 'nest-auth-backend refresh-token successor v1',
  'link-token': 'one-time-token',
  'mail.address-name': 'mail-address-limit',
  'sign-in.attempt': 'nest-auth-backend sign-in-attempt v1',
  'sign-in.unknown-name': 'nest-auth-backend login-throttle unknown-name v1',
} as const;

export type KeyPurpose = keyof typeof LABELS;

/** A value for each secret, that of SECRET_KEY first. */
export type PerSecret<T> = readonly [T, ...T[]];

const KEY_BYTES = 32;

/** The value of SECRET_KEY or SECRET_KEY_PREVIOUS. */
export class Secret {
  constructor(private readonly text: string) {}

  /** The key for one purpose. It reveals nothing about the secret or about the keys for other purposes. */
  derive(purpose: KeyPurpose): Buffer {
    return Buffer.from(hkdfSync('sha256', this.text, '', LABELS[purpose], KEY_BYTES));
  }

  /** The secret itself, for access tokens only: other services verify them with SECRET_KEY. */
  signingKey(): Buffer {
    return Buffer.from(this.text);
  }
}

/** The keys of the service, and the only reader of SECRET_KEY and SECRET_KEY_PREVIOUS. */
@Injectable()
export class KeyRing {
  private readonly secrets: PerSecret<Secret>;

  constructor({ SECRET_KEY, SECRET_KEY_PREVIOUS }: PlatformSettings) {
    const current = new Secret(SECRET_KEY);
    // With two equal keys, every count and every look-up would be done twice.
    const hasPrevious = SECRET_KEY_PREVIOUS && SECRET_KEY_PREVIOUS !== SECRET_KEY;
    this.secrets = hasPrevious ? [current, new Secret(SECRET_KEY_PREVIOUS)] : [current];
  }

  /** The keys for one purpose. The first one signs, all of them verify. */
  derive(purpose: KeyPurpose): PerSecret<Buffer> {
    return this.each((secret) => secret.derive(purpose));
  }

  each<T>(make: (secret: Secret) => T): PerSecret<T> {
    const [current, ...previous] = this.secrets;
    return [make(current), ...previous.map(make)];
  }
}
