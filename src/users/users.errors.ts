import { AppError } from '../platform/http/app-error.js';
import { defineError } from '../platform/http/error-catalogue.js';

export const usernameTaken = defineError({
  code: 'users.username_taken',
  status: 400,
  detail: 'Username already registered',
  about: 'Another account has this username, regardless of letter case or character form. Choose another one.',
});

export const emailTaken = defineError({
  code: 'users.email_taken',
  status: 400,
  detail: 'Email already registered',
  about:
    'Another account has this e-mail address, regardless of letter case. Sign in to that account, or use another address.',
});

/** Whether an error means that another account has the username or the address. */
export function isTaken(error: unknown): error is AppError {
  return error instanceof AppError && (error.code === usernameTaken.code || error.code === emailTaken.code);
}

export const tooManyRenames = defineError({
  code: 'users.too_many_renames',
  status: 429,
  detail: 'Too many username changes. Please try again later.',
  about:
    'The account requested ten changes of its username within an hour, or this client requested too many changes to a username or an address that another account has. Wait `Retry-After` seconds.',
});

export const lastSuperuser = defineError({
  code: 'users.last_superuser',
  status: 409,
  detail: 'The last superuser cannot be deleted',
  about: 'No administrator would be left. Make another account a superuser first.',
});

export const accountReferenced = defineError({
  code: 'users.referenced',
  title: 'Account referenced',
  status: 409,
  detail: 'This account cannot be deleted because other data refers to it. Please contact the administrator.',
  about:
    'Rows in a table of another application refer to the account with a foreign key. Nothing was deleted. The log names the table and the key: delete those rows or assign them to another account, or change the key to `ON DELETE CASCADE` or `SET NULL`, then try again.',
});
