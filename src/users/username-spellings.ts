import { removeAutolinkGuards } from '../mail/messages/autolinks.js';
import { normalizeUsername } from './username.js';

/**
 * The names that a user may mean by a typed name, the exact one first. A name copied from one of our messages contains
 * invisible gaps, and one typed on a phone often ends with a space; accounts of the Python service may have either in
 * their names.
 *
 * @param typed of a bounded length
 * @returns at least one; the last one is the same for all of these spellings
 */
export function usernameSpellings(typed: string): string[] {
  const copied = removeAutolinkGuards(typed);
  const normal = normalizeUsername(copied);
  return [...new Set([typed, copied, normal, normal.trim()])];
}
