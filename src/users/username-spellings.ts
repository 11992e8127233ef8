import { removeAutolinkGuards } from '../mail/messages/autolinks.js';
import { normalizeUsername } from './username.js';

/**
 * The usernames that a typed name may mean, the exact one first. A name copied from a message contains invisible
 * autolink guards, and a name typed on a phone often ends with a space. Names of the Python service may contain either.
 *
 * @param typed a string of bounded length
 * @returns at least one; the last one is the same for all of these spellings
 */
export function usernameSpellings(typed: string): string[] {
  const copied = removeAutolinkGuards(typed);
  const normal = normalizeUsername(copied);
  return [...new Set([typed, copied, normal, normal.trim()])];
}
