import { ValidateBy } from 'class-validator';

/** In code points, as in the Python service. */
export const PASSWORD_MIN_LENGTH = 6;

/** In code points, with PASSWORD_POLICY=strict. */
export const PASSWORD_STRICT_MIN_LENGTH = 8;

export function passwordMinLength(policy: 'compatible' | 'strict'): number {
  return policy === 'strict' ? PASSWORD_STRICT_MIN_LENGTH : PASSWORD_MIN_LENGTH;
}

/** In UTF-8 bytes. bcrypt ignores further bytes, so longer passwords with the same beginning would be equal. */
export const PASSWORD_MAX_BYTES = 72;

export function fitsBcrypt(password: string): boolean {
  return Buffer.byteLength(password) <= PASSWORD_MAX_BYTES;
}

/** Validates that bcrypt reads the whole password. */
export function FitsBcrypt(): PropertyDecorator {
  return ValidateBy({
    name: 'fitsBcrypt',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && fitsBcrypt(value),
      defaultMessage: () => `password cannot be longer than ${PASSWORD_MAX_BYTES} bytes`,
    },
  });
}
