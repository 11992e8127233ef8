import { ValidateBy } from 'class-validator';

/** Code points; documented clients register `test123`. */
export const PASSWORD_MIN_LENGTH = 6;

/** Code points, under PASSWORD_POLICY=strict. */
export const PASSWORD_STRICT_MIN_LENGTH = 8;

export function passwordMinLength(policy: 'compatible' | 'strict'): number {
  return policy === 'strict' ? PASSWORD_STRICT_MIN_LENGTH : PASSWORD_MIN_LENGTH;
}

/** Bytes in UTF-8: bcrypt ignores whatever follows, so that two passwords would be one. */
export const PASSWORD_MAX_BYTES = 72;

export function fitsBcrypt(password: string): boolean {
  return Buffer.byteLength(password) <= PASSWORD_MAX_BYTES;
}

/** The password is short enough for bcrypt to read all of it. */
export function FitsBcrypt(): PropertyDecorator {
  return ValidateBy({
    name: 'fitsBcrypt',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && fitsBcrypt(value),
      defaultMessage: () => `password cannot be longer than ${PASSWORD_MAX_BYTES} bytes`,
    },
  });
}
