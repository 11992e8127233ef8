import type { Environment } from '../platform/config/environment.js';

/** The pages that a message can lead to. */
export type LinkedPage = 'reset-password' | 'verify-email' | 'confirm-email';

/**
 * Where a message leads. It begins with PUBLIC_URL, whatever a request calls this service, and has what only the reader may
 * know in the fragment, which browsers keep to themselves: no log and no `Referer` holds it.
 *
 * @param username for the password manager of whoever sets a password there
 */
export function linkTo(
  page: LinkedPage,
  token: string,
  { PUBLIC_URL }: Pick<Environment, 'PUBLIC_URL'>,
  username?: string,
): string {
  const name = username === undefined ? '' : `&username=${encodeURIComponent(username)}`;
  return `${PUBLIC_URL}/account/${page}#token=${encodeURIComponent(token)}${name}`;
}
