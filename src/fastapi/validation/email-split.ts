import { displayCharacter, requireCharacters, requireSafeCharacters } from './email-characters.js';
import { EmailSyntaxError } from './email-syntax-error.js';

/** The parts of an address, not yet validated. `local` has no quotes and escapes. */
export interface SplitEmail {
  local: string;
  domain: string;
  quoted: boolean;
  hasDisplayName: boolean;
}

// The characters of Python's str.isspace(). Unlike \s, they include U+001C..U+001F and NEL, but not U+FEFF.
const SPACES = new Set('\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000');
for (let code = 0x2000; code <= 0x200a; code += 1) SPACES.add(String.fromCharCode(code));

const DISPLAY_NAME_CHARACTER = /^[a-zA-Z0-9_!#$%&'*+\-/=?^`{|}~ ]$/;
const MARKS = /\p{M}*/uy;

function isSpaceAt(text: string, index: number): boolean {
  return SPACES.has(text.charAt(index));
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpaceAt(text, end - 1)) end -= 1;
  return text.slice(0, end);
}

/** Trims white space as Python's `str.strip()` does. */
export function stripWhiteSpace(text: string): string {
  let start = 0;
  while (start < text.length && isSpaceAt(text, start)) start += 1;
  return trimEnd(text.slice(start));
}

/** Whether `<` combines with U+0338 to U+226E and is not a bracket. No other special character combines. */
function combinesAt(text: string, index: number): boolean {
  if (text[index] !== '<') return false;
  MARKS.lastIndex = index + 1;
  const marks = MARKS.exec(text)?.[0] ?? '';
  return !`<${marks}`.normalize('NFC').startsWith('<');
}

/** Index of the first of the `specials` outside quotes, or -1. */
function findUnquoted(text: string, specials: string): number {
  let quoted = false;
  let escaped = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (quoted) {
      if (character === '"' && !escaped) quoted = false;
      escaped = character === '\\' && !escaped;
    } else if (character === '"') {
      quoted = true;
    } else if (specials.includes(character) && !combinesAt(text, index)) {
      return index;
    }
  }
  return -1;
}

function splitAt(text: string, specials: string): [left: string, right: string] {
  const index = findUnquoted(text, specials);
  if (index >= 0) return [text.slice(0, index), text.slice(index)];
  if (text.includes('\uff20')) {
    throw new EmailSyntaxError(
      'The email address has the "full-width" at-sign (@) character instead of a regular at-sign.',
    );
  }
  if (text.includes('\ufe6b')) {
    throw new EmailSyntaxError(
      'The email address has the "small commercial at" character instead of a regular at-sign.',
    );
  }
  throw new EmailSyntaxError('An email address must have an @-sign.');
}

function unquote(text: string): { value: string; quoted: boolean } {
  if (!text.startsWith('"')) return { value: text, quoted: false };
  let value = '';
  for (let index = 1; index < text.length; index += 1) {
    let character = text.charAt(index);
    if (character === '"') {
      const rest = Array.from(text.slice(index + 1));
      if (rest.length === 0) break;
      throw new EmailSyntaxError(
        `Extra character(s) found after close quote: ${rest.map(displayCharacter).join(', ')}`,
      );
    }
    if (character === '\\') {
      index += 1;
      character = text.charAt(index);
    }
    value += character;
  }
  return { value, quoted: true };
}

function requireDisplayName(text: string): void {
  const { value, quoted } = unquote(trimEnd(text));
  if (!quoted) {
    const problem = 'The display name contains invalid characters when not quoted';
    requireCharacters(value, DISPLAY_NAME_CHARACTER, problem);
  }
  requireSafeCharacters(value, true);
}

/** The text between the brackets of `<...>`. */
function unbracket(text: string): string {
  if (!text.includes('>')) {
    throw new EmailSyntaxError(
      'An open angle bracket at the start of the email address has to be followed by a close angle bracket at the end.',
    );
  }
  if (!text.endsWith('>')) throw new EmailSyntaxError("There can't be anything after the email address.");
  let end = text.length;
  while (text[end - 1] === '>') end -= 1;
  return text.slice(1, end);
}

/**
 * Splits a stripped address at its @-sign. Quotes and a display name (`Bob <bob@example.com>`, RFC 5322 section 3.4)
 * are parsed only so that a later rejection can name them.
 *
 * @throws {EmailSyntaxError} when there is no @-sign or the quotes or brackets are malformed
 */
export function splitEmail(text: string): SplitEmail {
  let [left, right] = splitAt(text, '@<');
  const hasDisplayName = right.startsWith('<');
  if (hasDisplayName) {
    requireDisplayName(left);
    [left, right] = splitAt(unbracket(right), '@');
  }
  const { value, quoted } = unquote(left);
  return { local: value, domain: right.slice(1), quoted, hasDisplayName };
}
