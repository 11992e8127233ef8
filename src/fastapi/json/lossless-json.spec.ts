import fc from 'fast-check';
import { JsonNumber, LosslessObject, stringifyLossless } from './lossless-json.js';

/** Recorded from `json.dumps(json.loads(source))` of CPython 3.11.7. */
const recorded: [source: string, text: string][] = [
  ['0', '0'],
  ['-0', '0'],
  ['-12', '-12'],
  ['123456789012345678901234567890', '123456789012345678901234567890'],
  ['0.0', '0.0'],
  ['-0.0', '-0.0'],
  ['-0e0', '-0.0'],
  ['1.0', '1.0'],
  ['1.50', '1.5'],
  ['1e5', '100000.0'],
  ['1E+2', '100.0'],
  ['0.1e1', '1.0'],
  ['123456789.125', '123456789.125'],
  ['1e15', '1000000000000000.0'],
  ['9999999999999998.0', '9999999999999998.0'],
  ['1e16', '1e+16'],
  ['1.25e16', '1.25e+16'],
  ['1e21', '1e+21'],
  ['1e22', '1e+22'],
  ['9007199254740993.0', '9007199254740992.0'],
  ['0.0001', '0.0001'],
  ['0.00012', '0.00012'],
  ['0.00001', '1e-05'],
  ['-1.5e-7', '-1.5e-07'],
  ['1.5e300', '1.5e+300'],
  ['1e-400', '0.0'],
  ['5e-324', '5e-324'],
  ['1.7976931348623157e308', '1.7976931348623157e+308'],
];

describe('JsonNumber.fromSource', () => {
  it.each(recorded)('%s becomes %s', (source, text) => {
    expect(JsonNumber.fromSource(source).text).toBe(text);
  });

  it.each(['1e400', '-1.5e999'])('writes null for %s, which is out of range for a float', (source) => {
    expect(JsonNumber.fromSource(source).text).toBe('null');
  });

  it('writes any float as a float that reads back unchanged', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: Number.MAX_VALUE, noNaN: true }), fc.boolean(), (number, negative) => {
        const { text } = JsonNumber.fromSource((negative ? '-' : '') + number.toExponential());
        expect(Number(text)).toBe(negative ? -number : number);
        expect(text).toMatch(/^-?(\d{1,16}\.\d+|\d(\.\d+)?e[+-]\d{2,3})$/);
      }),
    );
  });
});

describe('stringifyLossless', () => {
  it('writes a tree of lossless and plain values', () => {
    const object = new LosslessObject([
      ['10', new JsonNumber('1e+16')],
      ['2', [true, null, new LosslessObject()]],
      ['"', 'a\ud800'],
    ]);
    const mixed = {
      input: object,
      ctx: { max: 5 },
      when: new Date(0),
      gone: undefined,
      items: [undefined, new JsonNumber('1.0')],
    };
    expect(stringifyLossless(mixed)).toBe(
      '{"input":{"10":1e+16,"2":[true,null,{}],"\\"":"a\\ud800"},"ctx":{"max":5},"when":"1970-01-01T00:00:00.000Z",' +
        '"items":[null,1.0]}',
    );
  });

  it.each([undefined, NaN, Infinity, null])('writes null for %s', (value) => {
    expect(stringifyLossless(value)).toBe('null');
  });

  it('agrees with JSON.stringify on plain values', () => {
    const plain = fc.object({
      key: fc.string({ unit: 'binary' }),
      withNullPrototype: true,
      values: [
        fc.string({ unit: 'binary' }),
        // Any code units, including lone surrogates and control characters.
        fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
        fc.double(),
        fc.integer(),
        fc.boolean(),
        fc.constantFrom(null, undefined, '\ud83d', '\udc00x', '\u2028\u007f'),
        fc.date({ noInvalidDate: true }),
      ],
    });
    fc.assert(
      fc.property(plain, (value) => {
        expect(stringifyLossless(value)).toBe(JSON.stringify(value));
      }),
      { numRuns: 500 },
    );
  });
});
