import { EmailSyntaxError } from './email-syntax-error.js';

/** Unicode names of the invisible characters that occur in practice. Others are shown by their code point. */
const INVISIBLE_NAMES: Readonly<Record<string, string>> = {
  '\u0020': 'SPACE',
  '\u00a0': 'NO-BREAK SPACE',
  '\u00ad': 'SOFT HYPHEN',
  '\u034f': 'COMBINING GRAPHEME JOINER',
  '\u061c': 'ARABIC LETTER MARK',
  '\u1680': 'OGHAM SPACE MARK',
  '\u180e': 'MONGOLIAN VOWEL SEPARATOR',
  '\u2000': 'EN QUAD',
  '\u2001': 'EM QUAD',
  '\u2002': 'EN SPACE',
  '\u2003': 'EM SPACE',
  '\u2004': 'THREE-PER-EM SPACE',
  '\u2005': 'FOUR-PER-EM SPACE',
  '\u2006': 'SIX-PER-EM SPACE',
  '\u2007': 'FIGURE SPACE',
  '\u2008': 'PUNCTUATION SPACE',
  '\u2009': 'THIN SPACE',
  '\u200a': 'HAIR SPACE',
  '\u200b': 'ZERO WIDTH SPACE',
  '\u200c': 'ZERO WIDTH NON-JOINER',
  '\u200d': 'ZERO WIDTH JOINER',
  '\u200e': 'LEFT-TO-RIGHT MARK',
  '\u200f': 'RIGHT-TO-LEFT MARK',
  '\u2028': 'LINE SEPARATOR',
  '\u2029': 'PARAGRAPH SEPARATOR',
  '\u202a': 'LEFT-TO-RIGHT EMBEDDING',
  '\u202b': 'RIGHT-TO-LEFT EMBEDDING',
  '\u202c': 'POP DIRECTIONAL FORMATTING',
  '\u202d': 'LEFT-TO-RIGHT OVERRIDE',
  '\u202e': 'RIGHT-TO-LEFT OVERRIDE',
  '\u202f': 'NARROW NO-BREAK SPACE',
  '\u205f': 'MEDIUM MATHEMATICAL SPACE',
  '\u2060': 'WORD JOINER',
  '\u2066': 'LEFT-TO-RIGHT ISOLATE',
  '\u2067': 'RIGHT-TO-LEFT ISOLATE',
  '\u2068': 'FIRST STRONG ISOLATE',
  '\u2069': 'POP DIRECTIONAL ISOLATE',
  '\u3000': 'IDEOGRAPHIC SPACE',
  '\ufeff': 'ZERO WIDTH NO-BREAK SPACE',
};

const VISIBLE = /^[\p{L}\p{N}\p{P}\p{S}]$/u;
const MARK = /^\p{M}$/u;
const SPACE_SEPARATOR = /^\p{Zs}$/u;

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** A character as it appears in a reason: quoted if it is visible (`'@'`), otherwise `SPACE` or `U+000A`. */
export function displayCharacter(character: string): string {
  if (character === '\\') return '"\\"';
  if (character === "'") return `"'"`;
  if (VISIBLE.test(character)) return `'${character}'`;
  const code = character.codePointAt(0) ?? 0;
  const digits = code < 0xffff ? 4 : 8;
  return INVISIBLE_NAMES[character] ?? `U+${code.toString(16).toUpperCase().padStart(digits, '0')}`;
}

/** Rejects text that contains characters other than `allowed`, a pattern for one character. Lists all of them. */
export function requireCharacters(text: string, allowed: RegExp, problem: string): void {
  const refused = new Set([...text].filter((character) => !allowed.test(character)).map(displayCharacter));
  if (refused.size > 0) throw new EmailSyntaxError(`${problem}: ${[...refused].toSorted(byCodePoint).join(', ')}.`);
}

function isSafe(character: string, index: number, allowSpace: boolean): boolean {
  if (VISIBLE.test(character)) return true;
  // A mark at the start would combine with the text before the address.
  if (MARK.test(character)) return index > 0;
  return allowSpace && SPACE_SEPARATOR.test(character);
}

/**
 * Rejects characters that change how an address reads: control, format, unassigned and private characters, and spaces.
 */
export function requireSafeCharacters(text: string, allowSpace = false): void {
  const unsafe = new Set([...text].filter((character, index) => !isSafe(character, index, allowSpace)));
  if (unsafe.size === 0) return;
  const listed = [...unsafe]
    .toSorted((a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0))
    .map(displayCharacter);
  throw new EmailSyntaxError(`The email address contains unsafe characters: ${listed.join(', ')}.`);
}

/** Rejects leading, trailing and adjacent periods (RFC 5322 section 3.2.3). `{}` in a message becomes `period`. */
export function requireDotAtom(text: string, startMessage: string, endMessage: string): void {
  if (text.endsWith('.')) throw new EmailSyntaxError(endMessage.replace('{}', 'period'));
  if (text.startsWith('.')) throw new EmailSyntaxError(startMessage.replace('{}', 'period'));
  if (text.includes('..')) throw new EmailSyntaxError('An email address cannot have two periods in a row.');
}
