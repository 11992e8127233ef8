import type { PlatformSettings } from '../../platform/config/platform-settings.js';

/** The pages that links in messages open. */
export type LinkedPage = 'reset-password' | 'verify-email' | 'confirm-email';

/**
 * The link in a message. It begins with PUBLIC_URL, regardless of the request's host. The token is in the fragment,
 * which browsers do not send, so no log and no `Referer` contains it.
 *
 * @param username for password managers, if the page sets a password
 */
export function linkTo(
  page: LinkedPage,
  token: string,
  { PUBLIC_URL }: Pick<PlatformSettings, 'PUBLIC_URL'>,
  username?: string,
): string {
  const name = username === undefined ? '' : `&username=${encodeURIComponent(username)}`;
  return `${PUBLIC_URL}/account/${page}#token=${encodeURIComponent(token)}${name}`;
}
