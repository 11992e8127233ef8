import { COERCIONS } from './coercion.js';

/** The value, or the type and the message of the error. All rows were recorded with pydantic 2.13. */
function coerce(constraint: string, input: unknown): unknown {
  const coercion = COERCIONS[constraint]?.(input);
  if (!coercion) throw new RangeError(`no coercion for ${constraint}`);
  return 'error' in coercion ? coercion.error : coercion.value;
}

describe('a string', () => {
  it.each(['', 'a', ' a ', 'é💡', '\u0001'])('accepts %j unchanged', (input) => {
    expect(coerce('isString', input)).toBe(input);
  });

  it.each([[1], [1.5], [true], [null], [[]], [{}], [undefined]])('rejects %j', (input) => {
    expect(coerce('isString', input)).toEqual({ type: 'string_type', msg: 'Input should be a valid string' });
  });

  it.each(['a\0b', '\ud800', 'a\udc00', '\udc00\ud800'])('rejects NUL and lone surrogates (%j)', (input) => {
    expect(coerce('isString', input)).toEqual({
      type: 'string_unicode',
      msg: 'Input should be a valid string, unable to parse raw data as a unicode string',
    });
  });
});

describe('an integer', () => {
  it.each<[unknown, number]>([
    [0, 0],
    [-7, -7],
    [1e3, 1000],
    [1e20, 1e20],
    [true, 1],
    [false, 0],
    ['1', 1],
    [' 1 ', 1],
    ['\t1\n', 1],
    ['+1', 1],
    ['-1', -1],
    ['01', 1],
    ['00', 0],
    ['1_000', 1000],
    ['1.0', 1],
    ['1.00', 1],
    ['1_0.0', 10],
    ['-1_000.000', -1000],
    ['9'.repeat(20), 1e20],
  ])('accepts %j', (input, expected) => {
    expect(coerce('isInt', input)).toBe(expected);
  });

  const invalidIntegers = '| |abc|1.5|1.|1e3|0x1|1__0|_1|1_|+ 1|1.0_0|--1|+-1|1 000|1.0e0|٣|true|null'.split('|');

  it.each(invalidIntegers)('rejects the string %j', (input) => {
    expect(coerce('isInt', input)).toEqual({
      type: 'int_parsing',
      msg: 'Input should be a valid integer, unable to parse string as an integer',
    });
  });

  it('rejects a string of more than 4300 characters', () => {
    expect(coerce('isInt', '9'.repeat(4301))).toEqual({
      type: 'int_parsing_size',
      msg: 'Unable to parse input string as an integer, exceeded maximum size',
    });
  });

  it.each([[1.5], [-0.1]])('rejects %d, which has a fraction', (input) => {
    expect(coerce('isInt', input)).toEqual({
      type: 'int_from_float',
      msg: 'Input should be a valid integer, got a number with a fractional part',
    });
  });

  it.each([[Infinity], [-Infinity], [Number.NaN]])('rejects %d', (input) => {
    expect(coerce('isInt', input)).toEqual({ type: 'finite_number', msg: 'Input should be a finite number' });
  });

  it.each([[null], [[]], [{}], [undefined]])('rejects %j', (input) => {
    expect(coerce('isInt', input)).toEqual({ type: 'int_type', msg: 'Input should be a valid integer' });
  });
});

describe('a boolean', () => {
  it.each([true, 1, 'true', 'True', 'TRUE', 'tRuE', 't', 'T', 'yes', 'Y', 'on', 'oN', '1'])(
    'reads %j as true',
    (input) => {
      expect(coerce('isBoolean', input)).toBe(true);
    },
  );

  it.each([false, 0, -0, 'false', 'False', 'f', 'no', 'N', 'off', 'OFF', '0'])('reads %j as false', (input) => {
    expect(coerce('isBoolean', input)).toBe(false);
  });

  it.each(['', ' true', 'abc', '2', '1.0', '0.0', 2, -1])('rejects %j', (input) => {
    expect(coerce('isBoolean', input)).toEqual({
      type: 'bool_parsing',
      msg: 'Input should be a valid boolean, unable to interpret input',
    });
  });

  it.each([[1.5], [null], [[]], [{}]])('rejects %j', (input) => {
    expect(coerce('isBoolean', input)).toEqual({ type: 'bool_type', msg: 'Input should be a valid boolean' });
  });
});

describe('a literal', () => {
  it.each([['a'], ['A'], [1], [null], [[]]])('leaves %j to the check against the list', (input) => {
    expect(coerce('isIn', input)).toBe(input);
  });

  it('rejects lone surrogates', () => {
    expect(coerce('isIn', '\ud800')).toMatchObject({ type: 'string_unicode' });
  });
});
