import type { Environment } from '../platform/config/environment.js';

/** The pages that a message can lead to. */
export type LinkedPage = 'reset-password' | 'verify-email' | 'confirm-email';

/**
 * Where a message leads. It begins with PUBLIC_URL, whatever a request calls this service (row A57), and has the token in
 * the fragment, which browsers keep to themselves: no log and no `Referer` holds it.
 */
export function linkTo(page: LinkedPage, token: string, { PUBLIC_URL }: Pick<Environment, 'PUBLIC_URL'>): string {
  return `${PUBLIC_URL}/account/${page}#token=${encodeURIComponent(token)}`;
}
