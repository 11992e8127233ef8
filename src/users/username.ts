import { ValidateBy } from 'class-validator';

export const USERNAME_MIN_LENGTH = 3;
export const USERNAME_MAX_LENGTH = 50;

/**
 * Invisible characters, which could make two names look alike: control, format, private-use and unassigned characters,
 * line separators, default-ignorable code points, and the blank Braille pattern.
 */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Normalizes a username for storage and comparison: NFKC, which unifies full-width and ligature spellings. */
export function normalizeUsername(text: string): string {
  return text.normalize('NFKC');
}

/** @returns the problem of a normalized username, except for its length; undefined if it has none */
export function usernameProblem(username: string): string | undefined {
  if (username.trim() !== username) return 'username cannot begin or end with white space';
  return INVISIBLE.test(username) ? 'username cannot contain control or invisible characters' : undefined;
}

/** Validates that a username has no invisible characters and no white space around it. */
export function IsVisibleUsername(): PropertyDecorator {
  return ValidateBy({
    name: 'isVisibleUsername',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && usernameProblem(value) === undefined,
      defaultMessage: (validation) => usernameProblem(String(validation?.value)) ?? '',
    },
  });
}
