import { firstError, type Violation } from './pydantic-rules.js';

const violation = (constraint: string, args: unknown[] = [], message = ''): Violation => ({
  constraint,
  args,
  message,
});
const only = (constraint: string, ...args: unknown[]) => firstError([violation(constraint, args)], 'x');

describe('firstError', () => {
  it.each([
    [only('minLength', 3), 'string_too_short', 'String should have at least 3 characters', { min_length: 3 }],
    [only('minLength', 1), 'string_too_short', 'String should have at least 1 character', { min_length: 1 }],
    [only('maxLength', 50), 'string_too_long', 'String should have at most 50 characters', { max_length: 50 }],
    [only('maxLength', 1), 'string_too_long', 'String should have at most 1 character', { max_length: 1 }],
    [
      only('matches', /^[a-z]+$/u),
      'string_pattern_mismatch',
      "String should match pattern '^[a-z]+$'",
      { pattern: '^[a-z]+$' },
    ],
    [only('min', 1), 'greater_than_equal', 'Input should be greater than or equal to 1', { ge: 1 }],
    [only('max', 100), 'less_than_equal', 'Input should be less than or equal to 100', { le: 100 }],
    [only('isIn', ['a']), 'literal_error', "Input should be 'a'", { expected: "'a'" }],
    [only('isIn', ['a', 'b']), 'literal_error', "Input should be 'a' or 'b'", { expected: "'a' or 'b'" }],
    [
      only('isIn', ['a', 'b', 'c']),
      'literal_error',
      "Input should be 'a', 'b' or 'c'",
      { expected: "'a', 'b' or 'c'" },
    ],
    [only('isIn', [1, 2]), 'literal_error', 'Input should be 1 or 2', { expected: '1 or 2' }],
    [only('isIn', []), 'literal_error', 'Input should be ', { expected: '' }],
  ])('has the text of pydantic: %j', (error, type, msg, ctx) => {
    expect(error).toEqual({ type, msg, ctx });
  });

  it('gives the reason why an address is invalid', () => {
    expect(firstError([violation('isEmailAddress')], 'john')).toEqual({
      type: 'value_error',
      msg: 'value is not a valid email address: An email address must have an @-sign.',
      ctx: { reason: 'An email address must have an @-sign.' },
    });
  });

  it('reports a custom rule as a ValueError', () => {
    expect(firstError([violation('fitsBcrypt', [], 'password cannot be longer than 72 bytes')], 'x')).toEqual({
      type: 'value_error',
      msg: 'Value error, password cannot be longer than 72 bytes',
      ctx: { error: {} },
    });
  });

  it.each([
    ['own', 'matches', 'string_pattern_mismatch'],
    ['matches', 'maxLength', 'string_too_long'],
    ['matches', 'minLength', 'string_too_short'],
    ['maxLength', 'isEmailAddress', 'value_error'],
    ['min', 'isIn', 'literal_error'],
    ['own', 'max', 'less_than_equal'],
  ])('reports, of %s and %s, the latter, in any order', (later, earlier, type) => {
    const args: Record<string, unknown[]> = { matches: [/a/], isIn: [['a']] };
    const violations = [later, earlier].map((constraint) => violation(constraint, args[constraint] ?? [1]));
    expect(firstError(violations, 'x').type).toBe(type);
    expect(firstError(violations.toReversed(), 'x').type).toBe(type);
  });

  it('throws without violations', () => {
    expect(() => firstError([], 'x')).toThrow(RangeError);
  });
});
