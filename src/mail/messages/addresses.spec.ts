import { isSingleAddress, maskAddress, parseSenderOrThrow, redactPersonalData } from './addresses.js';

describe('isSingleAddress', () => {
  it.each(['john@example.com', 'j.o+hn@example.co.uk', 'jörg@bücher.example', "o'neil@example.com"])(
    'accepts %s',
    (text) => expect(isSingleAddress(text)).toBe(true),
  );

  it.each([
    '',
    'john',
    '@example.com',
    'john@',
    'a@example.com, b@example.com',
    'a@example.com;b@example.com',
    'a@example.com b@example.com',
    'John <john@example.com>',
    '"a b"@example.com',
    '"victim@example.com x"@internal.example',
    'a@b@example.com',
    'friends:a@example.com',
    'a(comment)@example.com',
    'a@[127.0.0.1]',
    'a@example.com\r\nBcc: b@example.com',
    'a@example.com\n',
    'a@exam\u0000ple.com',
    'a\u202e@example.com',
  ])('rejects %j', (text) => expect(isSingleAddress(text)).toBe(false));
});

describe('parseSenderOrThrow', () => {
  it.each([
    ['no-reply@example.com', { name: 'Product', address: 'no-reply@example.com' }],
    ['Example <no-reply@example.com>', { name: 'Example', address: 'no-reply@example.com' }],
    ['"Example, Inc." <a@example.com>', { name: 'Example, Inc.', address: 'a@example.com' }],
    ['Example, Inc. <a@example.com>', { name: 'Example, Inc.', address: 'a@example.com' }],
    ['Müller & Söhne: Shop (Köln) <a@example.com>', { name: 'Müller & Söhne: Shop (Köln)', address: 'a@example.com' }],
    ['"A \\"B\\"" <a@example.com>', { name: 'A "B"', address: 'a@example.com' }],
    ['  <a@example.com> ', { name: 'Product', address: 'a@example.com' }],
  ])('reads %s', (mailFrom, expected) => expect(parseSenderOrThrow(mailFrom, 'Product')).toEqual(expected));

  it.each([
    'Example',
    'a@example.com, b@example.com',
    'A <a@example.com>, b@example.com',
    'A\r\nBcc: x <a@example.com>',
    'A <>',
    '<A> <a@example.com>',
  ])('rejects %j', (text) => expect(() => parseSenderOrThrow(text, 'Product')).toThrow(RangeError));
});

describe('maskAddress and redactPersonalData', () => {
  it.each([
    ['john.doe@example.com', 'j***@e***.com'],
    ['jörg@mail.example.co.uk', 'j***@m***.uk'],
    ['a@localhost', 'a***@l***'],
    ['😀b@example.com', '😀***@e***.com'],
    ['nobody', '***'],
  ])('mask %s as %s', (address, masked) => expect(maskAddress(address)).toBe(masked));

  it('redact addresses, tokens and line breaks in a server reply', () => {
    const reply = '550 5.1.1 <john.doe@example.com>:\r\n unknown, see https://example.net/help, was #token=abc ';
    expect(redactPersonalData(reply)).toBe(
      '550 5.1.1 <j***@e***.com>: unknown, see https://example.net/help, was #token=***',
    );
    expect(redactPersonalData('x'.repeat(1000))).toHaveLength(200);
  });

  it('drop an address that is cut off by the length limit', () => {
    const reply = `${'x '.repeat(995)}john.doe@example.com`;
    expect(redactPersonalData(` ${'\t'.repeat(1900)}550 ${reply}`)).not.toContain('john');
    expect(redactPersonalData(`550${' '.repeat(1990)}john.doe@example.com`)).toBe('550');
  });
});
