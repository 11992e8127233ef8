import { parseEmailAddress } from './email-address.js';

const label = (length: number): string => 'a'.repeat(length);
const reasonFor = (input: string): string => {
  const result = parseEmailAddress(input);
  return result.ok ? `accepted as ${result.address}` : result.reason;
};

const AFTER = 'The part after the @-sign contains invalid characters';
const UNSAFE = 'The email address contains unsafe characters';
const LITERAL = 'A bracketed IP address after the @-sign is not allowed here.';
const SPECIAL = 'The part after the @-sign is a special-use or reserved name that cannot be used with email.';
const INVALID = 'The part after the @-sign is invalid';
const NOT_IDNA = 'The part after the @-sign is not valid IDNA';
const ipv4 = (fault: string): string =>
  `The address in brackets after the @-sign is not valid: It is not an IPv4 address (${fault}) or is missing an address literal tag.`;

describe('parseEmailDomain', () => {
  it.each([
    ['bob@', 'There must be something after the @-sign.'],
    ['bob@a@example.com', `${AFTER}: '@'.`],
    ['bob@exa_mple.com, al@example.com', `${AFTER}: ',', '@', '_', SPACE.`],
    ['bob@exam\u200dple.com', `${UNSAFE}: ZERO WIDTH JOINER.`],
    ['bob@\u{1f100}\ufe52.com', `${AFTER}: '\ufe52', '\u{1f100}'.`],
    ['bob@a\u2488com', `${AFTER}: '\u2488'.`],
    ['bob@a\ufffd.com', `${AFTER} (Codepoint U+FFFD not allowed at position 2 in 'a\ufffd.com').`],
    [`bob@${label(1025)}`, `${AFTER} (Domain too long).`],
    ['bob@a\uff05.com', `${AFTER} after Unicode normalization: '%'.`],
    ['bob@.example.com', 'An email address cannot have a period immediately after the @-sign.'],
    ['bob@example.com.', 'An email address cannot end with a period.'],
    ['bob@example..com', 'An email address cannot have two periods in a row.'],
    ['bob@-example.com', 'An email address cannot have a hyphen immediately after the @-sign.'],
    ['bob@example.com-', 'An email address cannot end with a hyphen.'],
    ['bob@example-.com', 'An email address cannot have a period and a hyphen next to each other.'],
    [
      'bob@ab--c.com',
      'An email address cannot have two letters followed by two dashes immediately after the @-sign or after a period, except Punycode.',
    ],
    ['bob@example', 'The part after the @-sign is not valid. It should have a period.'],
    ['bob@10.0.0.1', 'The part after the @-sign is not valid. It is not within a valid top-level domain.'],
    ['bob@localhost', 'The part after the @-sign is not valid. It should have a period.'],
    ...['in-addr.arpa', 'a.invalid', 'a.local', 'a.localhost', 'a.onion', 'a.b.TEST'].map((d) => [`bob@${d}`, SPECIAL]),
    ['bob@[127.0.0.1]', LITERAL],
    ['bob@[IPv6:::1]', LITERAL],
    ['bob@[1.2.3]', ipv4("Expected 4 octets in '1.2.3'")],
    ['bob@[1..2.3]', ipv4("Empty octet not permitted in '1..2.3'")],
    ['bob@[1.2.3.1234]', ipv4("At most 3 characters permitted in '1234' in '1.2.3.1234'")],
    ['bob@[01.2.3.4]', ipv4("Leading zeros are not permitted in '01' in '01.2.3.4'")],
    ['bob@[1.2.3.256]', ipv4("Octet 256 (> 255) not permitted in '1.2.3.256'")],
    ['bob@[IPv6:x]', 'The IPv6 address in brackets after the @-sign is not valid.'],
    ['bob@[host]', 'The part after the @-sign in brackets is not an IPv4 address and has no address literal tag.'],
    ['bob@[tag:x]', 'The part after the @-sign contains an invalid address literal tag in brackets.'],
    ['bob@[tag: x]', `${AFTER} in brackets: SPACE.`],
  ])('rejects %j', (input, reason) => expect(reasonFor(input ?? '')).toBe(reason));

  it.each([
    ['a@☃.net', `${INVALID} (Codepoint U+2603 at position 1 of '☃' not allowed).`],
    ['a@xn--n3h.net', `${NOT_IDNA} (Codepoint U+2603 at position 1 of '☃' not allowed).`],
    ['a@\u0640.com', `${INVALID} (Codepoint U+0640 at position 1 of '\u0640' not allowed).`],
    ['a@a\u00b7b.cat', `${INVALID} (Codepoint U+00B7 not allowed at position 2 in 'a\u00b7b').`],
    ['a@\u05d0\u0660\u06f0.il', `${INVALID} (Codepoint U+0660 not allowed at position 2 in '\u05d0\u0660\u06f0').`],
    ['a@a\u20d0.com', `${INVALID} (Codepoint U+20D0 at position 2 of 'a\u20d0' not allowed).`],
    ['a@xn----eha.com', `${NOT_IDNA} (Label must not start or end with a hyphen).`],
    ['a@xn--11b2ezcw70k.com', `${UNSAFE}: ZERO WIDTH JOINER.`],
    ['a@b.\u0301a.com', `${INVALID} (Label begins with an illegal combining character).`],
    ['a@xn--aü.com', `${INVALID} (Label has disallowed hyphens in 3rd and 4th position).`],
    [`a@${'ü'.repeat(64)}.com`, `${INVALID} (Label too long).`],
    [`a@${label(64)}.ü.com`, `${INVALID} (Label too long).`],
    ['a@\u3164', `${INVALID} (Empty Label).`],
    ['a@\u05d0a.com', `${INVALID} (Invalid direction for codepoint at position 2 in a right-to-left label).`],
    ['a@a\u05d0.com', `${INVALID} (Invalid direction for codepoint at position 2 in a left-to-right label).`],
    ['a@1\u05d0.com', `${INVALID} (First codepoint in label '1\u05d0' must be directionality L, R or AL).`],
    ['a@\u05d0\u06601.com', `${INVALID} (Can not mix numeral types in a right-to-left label).`],
    ['a@\u05d0\u02b9.com', `${INVALID} (Label ends with illegal codepoint directionality).`],
    ['a@xn--.com', 'An email address cannot have a period and a hyphen next to each other.'],
    ['a@xn--99999999999.com', `${NOT_IDNA} (Invalid A-label).`],
    ['a@xn---bbk.com', `${NOT_IDNA} (A-label is not the canonical Punycode encoding of its U-label).`],
  ])('rejects the label of %j', (input, reason) => expect(reasonFor(input)).toBe(reason));
});
