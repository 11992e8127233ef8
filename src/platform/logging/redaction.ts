import { declaredVariables } from '../config/variable.decorator.js';

const SECRET_NAMES = [
  // Headers.
  ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key'],
  // Bodies, entities and responses.
  ['password', 'current_password', 'new_password', 'passwordHash', 'password_hash', 'hashed_password'],
  ['token', 'access_token', 'refresh_token', 'tokenHash', 'token_hash', 'api_key', 'code_verifier'],
  ['secret', 'secret_key', 'client_secret'],
  // Failed statements.
  ['parameters'],
].flat();

/**
 * The paths that pino masks, in case a whole request, body, error or settings object is logged: these names, up to
 * three levels deep. This is the second line of defence; the first is to log chosen fields only.
 */
export function secretPaths(): string[] {
  const settings = declaredVariables().filter(({ secret }) => secret);
  const names = [...SECRET_NAMES, ...settings.map(({ name }) => name)];
  return names.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);
}

/** Replaces a secret. */
export const MASK = '**********';
