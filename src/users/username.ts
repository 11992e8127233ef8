import { ValidateBy } from 'class-validator';

export const USERNAME_MIN_LENGTH = 3;
export const USERNAME_MAX_LENGTH = 50;

/**
 * What cannot be seen, and so could make two names look alike: control, format, private and unassigned
 * characters, line separators, whatever Unicode says to draw as nothing, and the blank Braille pattern.
 */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** The form in which a name is kept and compared: NFKC, so that full-width or ligature spellings are one name. */
export function normalizeUsername(text: string): string {
  return text.normalize('NFKC');
}

/** @returns what is wrong with a normalised name beside its length, or undefined */
export function usernameProblem(username: string): string | undefined {
  if (username.trim() !== username) return 'username cannot begin or end with white space';
  return INVISIBLE.test(username) ? 'username cannot contain control or invisible characters' : undefined;
}

/** The value is a name that can be seen. */
export function IsVisibleUsername(): PropertyDecorator {
  return ValidateBy({
    name: 'isVisibleUsername',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && usernameProblem(value) === undefined,
      defaultMessage: (validation) => usernameProblem(String(validation?.value)) ?? '',
    },
  });
}
