import { requestId } from './request-id.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const idOf = (given?: string | string[]) =>
  requestId({ headers: given === undefined ? {} : { 'x-request-id': given } });

describe('requestId', () => {
  it.each(['a', 'A-1_b.c', '0190d0f4-7b1e-7cc3-98c4-dc0c0c07398f', 'x'.repeat(64)])('keeps %s', (given) => {
    expect(idOf(given)).toBe(given);
  });

  it.each([
    ['nothing', undefined],
    ['an empty string', ''],
    ['65 characters', 'x'.repeat(65)],
    ['a space', 'a b'],
    ['a newline', 'a\nb'],
    ['a trailing newline', 'a\n'],
    ['a quote', 'a"b'],
    ['a non-ASCII letter', 'é'],
    ['markup', '<a>'],
    ['two values', 'a, b'],
    ['a list', ['a', 'b']],
  ])('generates a UUIDv7 for %s', (_, given) => {
    expect(idOf(given)).toMatch(UUID_V7);
  });

  it('generates a different id each time', () => {
    expect(new Set(Array.from({ length: 1000 }, () => idOf())).size).toBe(1000);
  });
});
