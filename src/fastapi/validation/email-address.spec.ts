import fc from 'fast-check';
import { parseEmailAddress } from './email-address.js';

const SUFFIX = '@example.com'; // 12 characters
const label = (length: number): string => 'a'.repeat(length);
const reasonFor = (input: string): string => {
  const result = parseEmailAddress(input);
  return result.ok ? `accepted as ${result.address}` : result.reason;
};

describe('parseEmailAddress: accepted', () => {
  it.each([
    ['bob@example.com', 'bob@example.com'],
    ['Bob.Smith+tag@Mail.Example.COM', 'Bob.Smith+tag@mail.example.com'],
    [" \t\u00a0\u3000o'neil@example.ie\x1c\x85\r\n", "o'neil@example.ie"],
    ["!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"],
    ['INFO@example.com', 'info@example.com'],
    ['mar\u212aeting@example.com', 'marketing@example.com'],
    ['jo\u0308rg@example.com', 'j\u00f6rg@example.com'],
    ['=\u0338@example.com', '\u2260@example.com'],
    ['😀@example.com', '😀@example.com'],
    ['a@M\u00dcNCHEN.de', 'a@m\u00fcnchen.de'],
    ['a@xn--mnchen-3ya.de', 'a@m\u00fcnchen.de'],
    ['a@XN--MNCHEN-3YA.de', 'a@m\u00fcnchen.de'],
    ['a@fa\u00df.de', 'a@fa\u00df.de'],
    ['a@fa\u1e9e.de', 'a@fa\u00df.de'],
    ['a@\u1f80\u03a3.gr', 'a@\u1f00\u03b9\u03c3.gr'],
    ['a@\uab70.com', 'a@\u13a0.com'],
    ['a@\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\uff0e\uff43\uff4f\uff4d', 'a@example.com'],
    ['a@例え\u3002jp', 'a@例え.jp'],
    ['a@ex\ufe0fample.com', 'a@example.com'],
    ['a@l\u00b7l.cat', 'a@l\u00b7l.cat'],
    ['a@カ・タ.jp', 'a@カ・タ.jp'],
    ['a@\u0375\u03b1.gr', 'a@\u0375\u03b1.gr'],
    ['a@\u05d0\u05f3.il', 'a@\u05d0\u05f3.il'],
    ['a@\u05d0\u0660.il', 'a@\u05d0\u0660.il'],
    ['a@\u05d0\u06f0.il', 'a@\u05d0\u06f0.il'],
    [
      'a@\u0645\u062b\u0627\u0644.\u0625\u062e\u062a\u0628\u0627\u0631',
      'a@\u0645\u062b\u0627\u0644.\u0625\u062e\u062a\u0628\u0627\u0631',
    ],
    [`a@${label(63)}.com`, `a@${label(63)}.com`],
    [`${label(242)}${SUFFIX}`, `${label(242)}${SUFFIX}`],
    ['a@localhost.com', 'a@localhost.com'],
    ['a@example.contest', 'a@example.contest'],
  ])('%j as %j', (input, address) => {
    expect(parseEmailAddress(input)).toEqual({ ok: true, address });
  });
});

const BEFORE = 'The email address contains invalid characters before the @-sign';
const AFTER = 'The part after the @-sign contains invalid characters';
const UNSAFE = 'The email address contains unsafe characters';
const NAME = 'A display name and angle brackets around the email address are not permitted here.';
const QUOTING = 'Quoting the part before the @-sign is not allowed here.';
const SPECIAL = 'The part after the @-sign is a special-use or reserved name that cannot be used with email.';
const TOO_LONG = 'The email address is too long';

describe('parseEmailAddress: rejected', () => {
  it.each([
    ['', 'An email address must have an @-sign.'],
    ['bob', 'An email address must have an @-sign.'],
    [
      'bob\uff20example.com',
      'The email address has the "full-width" at-sign (@) character instead of a regular at-sign.',
    ],
    ['bob\ufe6bexample.com', 'The email address has the "small commercial at" character instead of a regular at-sign.'],
    ['"bob@example.com', 'An email address must have an @-sign.'],
    ['"bob\\"@example.com', 'An email address must have an @-sign.'],
    [' '.repeat(2049), 'Length must not exceed 2048 characters'],
    ['😀'.repeat(2049), 'Length must not exceed 2048 characters'],
    ['😀'.repeat(2048), 'An email address must have an @-sign.'],
  ])('without a readable @-sign: %j', (input, reason) => expect(reasonFor(input)).toBe(reason));

  it.each([
    ['@example.com', 'There must be something before the @-sign.'],
    ['.bob@example.com', 'An email address cannot start with a period.'],
    ['bob.@example.com', 'An email address cannot have a period immediately before the @-sign.'],
    ['bo..b@example.com', 'An email address cannot have two periods in a row.'],
    ['b b@example.com', `${BEFORE}: SPACE.`],
    ['a,b;"\\\0\r\n@example.com', `An email address must have an @-sign.`],
    ["a,(\\\0\r\n'b\\@example.com", `${BEFORE}: "\\", '(', ',', U+0000, U+000A, U+000D.`],
    ['a@b.com\r\nBcc: c@example.com', `${AFTER}: ':', '@', SPACE, U+000A, U+000D.`],
    ['\u0301a@example.com', `${UNSAFE}: U+0301.`],
    ['a\u200b\u202eb\u00a0@example.com', `${UNSAFE}: NO-BREAK SPACE, ZERO WIDTH SPACE, RIGHT-TO-LEFT OVERRIDE.`],
    ['a\ud800@example.com', `${UNSAFE}: U+D800.`],
    ['a\ue000\u{10ffff}@example.com', `${UNSAFE}: U+E000, U+0010FFFF.`],
    ['a\u037e@example.com', `After Unicode normalization: ${BEFORE}: ';'.`],
    ['<\u0338@example.com', `${BEFORE}: '<'.`],
    ['"a b"@example.com', QUOTING],
    ['"bob"@example.com', QUOTING],
    ['"a\\"@\\\\"@example.com', QUOTING],
    ['""@example.com', 'There must be something before the @-sign.'],
    ['"a\nb"@example.com', 'The email address contains invalid characters in quotes before the @-sign: U+000A.'],
    ['"a\u202eb"@example.com', `${UNSAFE}: RIGHT-TO-LEFT OVERRIDE.`],
    ['"a"b c@example.com', "Extra character(s) found after close quote: 'b', SPACE, 'c'"],
  ])('for the local part: %j', (input, reason) => expect(reasonFor(input)).toBe(reason));

  it.each([
    ['Bob <bob@example.com>', NAME],
    ['"Bob, Jr." <bob@example.com>  ', NAME],
    ['<bob@example.com>', NAME],
    ['B,b. <bob@example.com>', "The display name contains invalid characters when not quoted: ',', '.'."],
    ['"B\n" <bob@example.com>', `${UNSAFE}: U+000A.`],
    [
      '<bob@example.com',
      'An open angle bracket at the start of the email address has to be followed by a close angle bracket at the end.',
    ],
    ['<bob@example.com> x', "There can't be anything after the email address."],
    ['Bob <bob>', 'An email address must have an @-sign.'],
    ['Bob <bob@example.test>', SPECIAL],
  ])('for a display name: %j', (input, reason) => expect(reasonFor(input)).toBe(reason));

  it.each([
    [`${label(243)}${SUFFIX}`, `${TOO_LONG} (1 character too many).`],
    [`${label(246)}${SUFFIX}`, `${TOO_LONG} (4 characters too many).`],
    [`${'ü'.repeat(121)}a${SUFFIX}`, `${TOO_LONG} (1 character too many).`],
    [`${'ü'.repeat(122)}${SUFFIX}`, `${TOO_LONG} (1-2 characters too many).`],
    [`a@${`${label(49)}.`.repeat(5)}abcd`, `${TOO_LONG} after the @-sign (1 character too many).`],
    [`a@${`${label(49)}.`.repeat(5)}Abcd`, `${TOO_LONG} after the @-sign (1 byte too many after IDNA encoding).`],
    [
      `a@${label(65)}.com`,
      'After the @-sign, periods cannot be separated by so many characters (2 characters too many).',
    ],
    [`${'\ufb2c'.repeat(60)}@example.com`, `${TOO_LONG} after normalization (118 bytes too many).`],
    [
      `${label(240)}@例え.jp`,
      `${TOO_LONG} when the part after the @-sign is converted to IDNA ASCII (1 byte too many).`,
    ],
  ])('for its length: %#', (input, reason) => expect(reasonFor(input)).toBe(reason));
});

describe('parseEmailAddress: properties', () => {
  const fragment = fc.oneof(
    fc.constantFrom(
      ...'@.<>"\\[]:;,-_ \t\r\n\0',
      '..',
      'xn--',
      '\ud800',
      '\u200d',
      '\u202e',
      '\u0301',
      '\u0338',
      '\u3002',
    ),
    fc.constantFrom(
      'ß',
      'ς',
      'İ',
      'ſ',
      '\u212a',
      '\u05d0',
      '\u0660',
      '・',
      '例え',
      'mnchen-3ya',
      'INFO',
      '😀',
      '.test',
      'com',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.stringMatching(/^[a-z0-9]{1,9}$/),
  );
  const soup = fc.array(fragment, { maxLength: 8 }).map((parts) => parts.join(''));
  const addressLike = fc.tuple(soup, soup).map(([local, domain]) => `${local}@${domain}.com`);

  it('never throws, and gives a reason for every rejection', () => {
    fc.assert(
      fc.property(fc.oneof(soup, addressLike, fc.string({ unit: 'binary', maxLength: 400 })), (input) => {
        const result = parseEmailAddress(input);
        expect(result.ok || result.reason.length > 0).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('returns an address that parses to itself and has no character that could end a header', () => {
    fc.assert(
      fc.property(addressLike, (input) => {
        const result = parseEmailAddress(input);
        if (!result.ok) return;
        expect(parseEmailAddress(result.address)).toEqual(result);
        expect(result.address).not.toMatch(/[\s"<>,;\p{C}]/u);
      }),
      { numRuns: 3000 },
    );
  });
});
