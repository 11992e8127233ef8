import { declaredVariables } from '../config/variable.decorator.js';

const SECRET_NAMES = [
  // Of headers.
  ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key'],
  // Of bodies, entities and answers.
  ['password', 'current_password', 'new_password', 'passwordHash', 'password_hash', 'hashed_password'],
  ['token', 'access_token', 'refresh_token', 'tokenHash', 'token_hash', 'api_key', 'code_verifier'],
  ['secret', 'secret_key', 'client_secret'],
  // Of a statement that failed.
  ['parameters'],
].flat();

/**
 * Where a line of the log would hold a secret if somebody logged a whole request, body, error or settings: these names,
 * up to three levels deep. The second line of defence: the first is to log chosen fields only.
 */
export function secretPaths(): string[] {
  const settings = declaredVariables().filter(({ secret }) => secret);
  const names = [...SECRET_NAMES, ...settings.map(({ name }) => name)];
  return names.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);
}

/** What stands in the place of a secret. */
export const MASK = '**********';
