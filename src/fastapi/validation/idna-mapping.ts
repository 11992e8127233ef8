import { IdnaError } from './idna-label.js';

const MAX_DOMAIN_LENGTH = 1024; // code points; bounds the work here, because the DNS limit is checked later

// Visible, assigned code points that UTS #46 section 5 disallows.
const DISALLOWED = /^[\u2ff0-\u2fff\u31ef\ufe12\ufe19\ufe30\ufffc\ufffd]$/;
const KEPT = /^[\u00df\u03c2]$/; // deviation characters: sharp s and final sigma
const IGNORED = /^\p{Default_Ignorable_Code_Point}$/u;
const MAPPED = /^\p{Changes_When_NFKC_Casefolded}$/u;
const FOLDED = /^\p{Changes_When_Casefolded}$/u;
const CHEROKEE = /^\p{Script=Cherokee}$/u;

/** Full case folding, which JavaScript lacks. Lower case alone leaves letters such as U+1F80 unfolded. */
function caseFold(text: string): string {
  return Array.from(text, (character) => {
    if (!FOLDED.test(character)) return character;
    const upper = character.toUpperCase();
    return CHEROKEE.test(character) ? upper : upper.toLowerCase();
  }).join('');
}

function mapCharacter(character: string): string {
  if (KEPT.test(character)) return character;
  if (IGNORED.test(character)) return '';
  if (!MAPPED.test(character)) return character;
  return caseFold(character.normalize('NFKC')).normalize('NFKC');
}

/**
 * Maps a domain as UTS #46 does (nontransitional, with UseSTD3ASCIIRules=false): lower case, compatibility forms
 * replaced, ideographic full stops turned into periods, NFC. The input must contain only assigned, visible characters
 * and marks.
 *
 * @throws {IdnaError} when a code point is disallowed or the domain is too long
 */
export function mapDomain(domain: string): string {
  const characters = [...domain];
  if (characters.length > MAX_DOMAIN_LENGTH) throw new IdnaError('Domain too long');
  const refused = characters.findIndex((character) => DISALLOWED.test(character));
  if (refused >= 0) {
    const code = (characters[refused]?.codePointAt(0) ?? 0).toString(16).toUpperCase();
    throw new IdnaError(`Codepoint U+${code} not allowed at position ${refused + 1} in '${domain}'`);
  }
  const mapped = characters.map(mapCharacter).join('');
  // One character may expand to eighteen, and normalisation takes quadratic time.
  if (mapped.length > 2 * MAX_DOMAIN_LENGTH) throw new IdnaError('Domain too long');
  return mapped.replaceAll('\u3002', '.').normalize('NFC');
}
