import type { PlatformSettings } from '../../platform/config/platform-settings.js';

/** The pages that a message can lead to. */
export type LinkedPage = 'reset-password' | 'verify-email' | 'confirm-email';

/**
 * The link in a message. It begins with PUBLIC_URL, whatever host the request names. Its secret is in the fragment,
 * which browsers do not send: no log and no `Referer` contains it.
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
