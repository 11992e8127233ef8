import { VARIABLES } from '../config/environment.js';

const NAMES = [
  // Of headers.
  ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key'],
  // Of bodies, entities and answers.
  ['password', 'current_password', 'new_password', 'passwordHash', 'password_hash', 'hashed_password'],
  ['token', 'access_token', 'refresh_token', 'tokenHash', 'token_hash', 'api_key', 'code_verifier'],
  ['secret', 'secret_key', 'client_secret'],
  // Of a statement that failed.
  ['parameters'],
  VARIABLES.filter(({ secret }) => secret).map(({ name }) => name),
].flat();

/**
 * Where a line of the log would hold a secret if somebody logged a whole request, body, error or settings: these names,
 * up to three levels deep. The second line of defence: the first is to log chosen fields only.
 */
export const SECRET_PATHS: readonly string[] = NAMES.flatMap((name) => [
  `["${name}"]`,
  `*["${name}"]`,
  `*.*["${name}"]`,
]);

/** What stands in the place of a secret. */
export const MASK = '**********';
