import { withoutGaps } from '../mail/gaps.js';
import { normalizeUsername } from './username.js';

/**
 * The names that somebody may mean by what they typed, the exact one first. A name that is copied from one of our messages
 * holds gaps, and one that is typed on a telephone often ends with a space; an account that the Python service made may
 * have either in its name.
 *
 * @param typed of a bounded length
 * @returns at least one; the last one is the same for all of these spellings
 */
export function spellingsOf(typed: string): string[] {
  const copied = withoutGaps(typed);
  const normal = normalizeUsername(copied);
  return [...new Set([typed, copied, normal, normal.trim()])];
}
