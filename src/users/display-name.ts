import { ValidateBy } from 'class-validator';

export const DISPLAY_NAME_MAX_LENGTH = 100;

/**
 * Characters that would break a line or change the direction of the surrounding text. Joiners, which Persian and emoji
 * need, are allowed, because nobody signs in with a display name.
 */
const UNPRINTABLE = /[\p{Cc}\p{Co}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Normalizes a display name for storage. */
export function normalizeDisplayName(text: string): string {
  return text.normalize('NFC').trim();
}

/** Validates that a display name is printable. */
export function IsVisibleDisplayName(): PropertyDecorator {
  return ValidateBy({
    name: 'isVisibleDisplayName',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && !UNPRINTABLE.test(value),
      defaultMessage: () => 'display_name cannot contain control characters or direction marks',
    },
  });
}
