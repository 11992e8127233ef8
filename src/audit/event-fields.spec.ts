import fc from 'fast-check';
import { columnJson, columnText } from './event-fields.js';

describe('columnText', () => {
  it('returns null for a missing value', () => {
    expect([columnText('address', null), columnText('address', undefined)]).toEqual([null, null]);
  });

  it.each([
    ['address', 64],
    ['requestId', 64],
    ['userAgent', 512],
  ] as const)('cuts %s at %i characters', (kind, maxLength) => {
    expect(columnText(kind, 'x'.repeat(10_000))).toBe('x'.repeat(maxLength));
  });

  it('replaces a character that is cut in half', () => {
    expect(columnText('requestId', `${'x'.repeat(63)}😀`)).toBe(`${'x'.repeat(63)}\ufffd`);
  });

  it('returns well-formed text without control characters for any input', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const column = columnText('userAgent', text) ?? '';
        expect(column.isWellFormed()).toBe(true);
        expect(column).not.toMatch(/\p{Cc}/u);
        expect(column.length).toBeLessThanOrEqual(512);
      }),
    );
  });
});

describe('columnJson', () => {
  it('keeps numbers, booleans and null, and sanitizes keys and strings', () => {
    const fields = {
      ids: ['a\n', 'b'],
      'a\u0000': 'b\ud800\n',
      n: 1.5,
      yes: true,
      none: null,
      infinite: Number.POSITIVE_INFINITY,
    };
    expect(JSON.parse(columnJson(fields))).toEqual({
      ids: ['a ', 'b'],
      'a ': 'b\ufffd ',
      n: 1.5,
      yes: true,
      none: null,
      infinite: null,
    });
  });
});
