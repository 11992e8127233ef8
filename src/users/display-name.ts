import { ValidateBy } from 'class-validator';

export const DISPLAY_NAME_MAX_LENGTH = 100;

/**
 * What would break a line, or turn the text around it (the marks that make one name look like another): the joiners that
 * Persian and emoji are written with may stand in a name that signs nobody in.
 */
const UNPRINTABLE = /[\p{Cc}\p{Co}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** The form in which a display name is kept. */
export function normalizeDisplayName(text: string): string {
  return text.normalize('NFC').trim();
}

/** The value is a name that can be printed. */
export function IsVisibleDisplayName(): PropertyDecorator {
  return ValidateBy({
    name: 'isVisibleDisplayName',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && !UNPRINTABLE.test(value),
      defaultMessage: () => 'display_name cannot contain control characters or marks of direction',
    },
  });
}
