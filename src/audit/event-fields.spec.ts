import fc from 'fast-check';
import { columnJson, columnText } from './event-fields.js';

describe('columnText', () => {
  it('is null for what is not there', () => {
    expect([columnText('address', null), columnText('address', undefined)]).toEqual([null, null]);
  });

  it.each([
    ['address', 64],
    ['requestId', 64],
    ['userAgent', 512],
  ] as const)('cuts %s at %i characters', (kind, longest) => {
    expect(columnText(kind, 'x'.repeat(10_000))).toBe('x'.repeat(longest));
  });

  it('cuts no character in half', () => {
    expect(columnText('requestId', `${'x'.repeat(63)}😀`)).toBe(`${'x'.repeat(63)}\ufffd`);
  });

  it('has nothing that a column or a line of a log could not take, whatever it is given', () => {
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
  it('keeps numbers, flags and null, and cleans keys and texts', () => {
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
