import { domainToASCII, domainToUnicode } from 'node:url';

/** A label that is invalid in IDNA 2008. The message becomes part of the reason for the client. */
export class IdnaError extends Error {
  override readonly name = 'IdnaError';
}

const MAX_LABEL_LENGTH = 63; // octets, RFC 1035 section 2.3.1
const MAX_CHECKED_LENGTH = 254;
const ASCII_LABEL = /^[a-z0-9-]*$/;

// RFC 5892 section 2 derives PVALID from properties. The exceptions of its sections 2.6, 2.8 and 2.9 are listed here.
// Unstable characters and text that is not NFC do not occur, because UTS #46 mapping and Node's decoder remove them.
const LETTER_OR_DIGIT = /^[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]$/u;
const IGNORED_BLOCK = /^[\u20d0-\u20ff\u{1d100}-\u{1d24f}\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]$/u;
const EXCEPTION_VALID = /^[-\u06fd\u06fe\u0f0b\u3007]$/;
const EXCEPTION_INVALID = /^[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]$/;
const JOINER = /^[\u200c\u200d]$/;

/** The CONTEXTO rules (RFC 5892 appendix A.3 to A.9). Undefined for a character without such a rule. */
function allowedByContext(label: string, characters: readonly string[], index: number): boolean | undefined {
  const character = characters[index] ?? '';
  const before = characters[index - 1] ?? '';
  const after = characters[index + 1] ?? '';
  if (character === '\u00b7') return before === 'l' && after === 'l';
  if (character === '\u0375') return /\p{Script=Greek}/u.test(after);
  if (character === '\u05f3' || character === '\u05f4') return /\p{Script=Hebrew}/u.test(before);
  if (character === '\u30fb') return /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(label);
  if (/[\u0660-\u0669]/.test(character)) return !/[\u06f0-\u06f9]/.test(label);
  if (/[\u06f0-\u06f9]/.test(character)) return !/[\u0660-\u0669]/.test(label);
  return undefined;
}

function isProtocolValid(character: string): boolean {
  // Node has checked the context of joiners from Punycode, and the caller rejects all joiners.
  if (EXCEPTION_VALID.test(character) || JOINER.test(character)) return true;
  if (EXCEPTION_INVALID.test(character) || IGNORED_BLOCK.test(character)) return false;
  return LETTER_OR_DIGIT.test(character);
}

function requireCodePoints(label: string): void {
  const characters = [...label];
  characters.forEach((character, index) => {
    const byContext = allowedByContext(label, characters, index);
    if (byContext ?? isProtocolValid(character)) return;
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    throw new IdnaError(
      byContext === undefined
        ? `Codepoint U+${code} at position ${index + 1} of '${label}' not allowed`
        : `Codepoint U+${code} not allowed at position ${index + 1} in '${label}'`,
    );
  });
}

// Unicode's bidirectional classes, one letter each, for the characters of valid labels.
const BIDI_CLASSES: readonly (readonly [letter: string, characters: RegExp])[] = [
  ['M', /^\p{Mn}$/u], // NSM
  ['E', /^[0-9\u06f0-\u06f9]$/], // EN
  ['A', /^[\u0660-\u0669\u{10d30}-\u{10d39}]$/u], // AN
  ['O', /^[-\u00b7\u02b9\u02ba\u02c6-\u02cf\u02ec\u0375\u2e2f\u30fb\ua67f\ua717-\ua71f\ua788]$/], // ES, ON
  ['R', /^[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]$/u], // R, AL
];

function bidiClass(character: string): string {
  return BIDI_CLASSES.find(([, characters]) => characters.test(character))?.[0] ?? 'L';
}

/** The Bidi Rule (RFC 5893 section 2), which applies to labels with right-to-left characters. */
function requireBidiRule(label: string): void {
  const classes = Array.from(label, bidiClass).join('');
  if (!/[RA]/.test(classes)) return;
  if (!/^[RL]/.test(classes)) {
    throw new IdnaError(`First codepoint in label '${label}' must be directionality L, R or AL`);
  }
  const rightToLeft = classes.startsWith('R');
  const stray = classes.search(rightToLeft ? /L/ : /[RA]/);
  const mixed = rightToLeft ? /E[^A]*A|A[^E]*E/.exec(classes) : null;
  if (mixed && (stray < 0 || mixed.index + mixed[0].length <= stray)) {
    throw new IdnaError('Can not mix numeral types in a right-to-left label');
  }
  if (stray >= 0) {
    const direction = rightToLeft ? 'right-to-left' : 'left-to-right';
    throw new IdnaError(`Invalid direction for codepoint at position ${stray + 1} in a ${direction} label`);
  }
  if (!(rightToLeft ? /[REA]M*$/ : /[LE]M*$/).test(classes)) {
    throw new IdnaError('Label ends with illegal codepoint directionality');
  }
}

function requireValidLabel(label: string): void {
  if (label === '') throw new IdnaError('Empty Label');
  if ([...label].length > MAX_CHECKED_LENGTH) throw new IdnaError('Label too long');
  if (/^..--/u.test(label)) throw new IdnaError('Label has disallowed hyphens in 3rd and 4th position');
  if (label.startsWith('-') || label.endsWith('-')) {
    throw new IdnaError('Label must not start or end with a hyphen');
  }
  if (/^\p{M}/u.test(label)) throw new IdnaError('Label begins with an illegal combining character');
  requireCodePoints(label);
  requireBidiRule(label);
}

/**
 * The Unicode form (U-label) of one label in lower case.
 *
 * @throws {IdnaError} when the label is not valid in IDNA 2008 (RFC 5891 section 5)
 */
export function toUnicodeLabel(label: string): string {
  if (!ASCII_LABEL.test(label) || !label.startsWith('xn--')) {
    requireValidLabel(label);
    return label;
  }
  const decoded = domainToUnicode(label);
  if (decoded === '' || decoded === label) throw new IdnaError('Invalid A-label');
  if (domainToASCII(decoded) !== label) {
    throw new IdnaError('A-label is not the canonical Punycode encoding of its U-label');
  }
  requireValidLabel(decoded);
  return decoded;
}

/**
 * The ASCII form (A-label) of one mapped label.
 *
 * @throws {IdnaError} when the label is not valid in IDNA 2008, or longer than 63 octets
 */
export function toAsciiLabel(label: string): string {
  const unicode = toUnicodeLabel(label);
  const ascii = ASCII_LABEL.test(label) ? label : domainToASCII(unicode);
  if (ascii === '') throw new IdnaError('Invalid A-label');
  if (ascii.length > MAX_LABEL_LENGTH) throw new IdnaError('Label too long');
  return ascii;
}
