import { AppError } from '../platform/http/app-error.js';
import { defineError } from '../platform/http/error-catalogue.js';

export const usernameTaken = defineError({
  code: 'users.username_taken',
  status: 400,
  detail: 'Username already registered',
  about: 'Another account has this name, whatever its letter case or form of characters. Choose another one.',
});

export const emailTaken = defineError({
  code: 'users.email_taken',
  status: 400,
  detail: 'Email already registered',
  about:
    'Another account has this e-mail address, whatever its letter case. Sign in to that one, or use another address.',
});

/** Whether a registration or a change was refused because another account has the name or the address. */
export function isTaken(error: unknown): error is AppError {
  return error instanceof AppError && (error.code === usernameTaken.code || error.code === emailTaken.code);
}

export const tooManyRenames = defineError({
  code: 'users.too_many_renames',
  status: 429,
  detail: 'Too many changes of the username. Please try again later.',
  about: 'The username was changed, or asked to be, ten times within an hour. Wait `Retry-After` seconds.',
});

export const lastSuperuser = defineError({
  code: 'users.last_superuser',
  status: 409,
  detail: 'The last superuser cannot be deleted',
  about: 'Nobody would be left who can administrate the service. Make another account a superuser first.',
});

export const accountReferenced = defineError({
  code: 'users.referenced',
  title: 'Account referenced',
  status: 409,
  detail: 'Other data refers to this account, so it cannot be deleted. Please ask the administrator.',
  about:
    'Rows of tables that another application keeps in the database refer to the account and forbid its deletion; nothing was deleted. The log names the table and the foreign key: delete those rows or give them to another account, or let the key do it (`ON DELETE CASCADE` or `SET NULL`), and try again.',
});
