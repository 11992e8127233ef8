import type { PydanticError } from '../errors/validation-error.js';
import { emailReason } from './email.decorator.js';

interface Rule {
  /** pydantic stops at the first error of a field: the lower rank speaks. */
  rank: number;
  describe(args: readonly unknown[], value: unknown, message: string): PydanticError;
}

const characters = (count: unknown): string => `${String(count)} character${count === 1 ? '' : 's'}`;

/** The error of a text of more than `max` code points. */
export function stringTooLong(max: unknown): PydanticError {
  return {
    type: 'string_too_long',
    msg: `String should have at most ${characters(max)}`,
    ctx: { max_length: max },
  };
}

/**
 * The one table from class-validator's constraints to pydantic's errors (pydantic-core, `errors/types.rs`). A constraint
 * that is not in it is a rule of our own, which pydantic would know as a validator function that raised ValueError.
 */
const RULES: Readonly<Record<string, Rule>> = {
  minLength: {
    rank: 1,
    describe: ([min]) => ({
      type: 'string_too_short',
      msg: `String should have at least ${characters(min)}`,
      ctx: { min_length: min },
    }),
  },
  maxLength: {
    rank: 2,
    describe: ([max]) => stringTooLong(max),
  },
  matches: {
    rank: 3,
    describe: ([pattern]) => {
      const { source } = pattern as RegExp;
      return {
        type: 'string_pattern_mismatch',
        msg: `String should match pattern '${source}'`,
        ctx: { pattern: source },
      };
    },
  },
  min: {
    rank: 1,
    describe: ([min]) => ({
      type: 'greater_than_equal',
      msg: `Input should be greater than or equal to ${String(min)}`,
      ctx: { ge: min },
    }),
  },
  max: {
    rank: 1,
    describe: ([max]) => ({
      type: 'less_than_equal',
      msg: `Input should be less than or equal to ${String(max)}`,
      ctx: { le: max },
    }),
  },
  isIn: {
    rank: 0,
    describe: ([values]) => {
      const expected = alternatives(values as readonly unknown[]);
      return { type: 'literal_error', msg: `Input should be ${expected}`, ctx: { expected } };
    },
  },
  isEmailAddress: {
    // pydantic reads the address before it measures the result.
    rank: 1,
    describe: (_args, value) => {
      const reason = emailReason(value);
      return { type: 'value_error', msg: `value is not a valid email address: ${reason}`, ctx: { reason } };
    },
  },
};

const OWN_RULE: Rule = {
  rank: 4,
  describe: (_args, _value, message) => ({ type: 'value_error', msg: `Value error, ${message}`, ctx: { error: {} } }),
};

/** A constraint that a value violates. */
export interface Violation {
  /** class-validator's name of the constraint: `minLength`. */
  constraint: string;
  /** What the decorator was given: `[3]`. */
  args: readonly unknown[];
  message: string;
}

/** The error that pydantic would have stopped at. */
export function firstError(violations: readonly Violation[], value: unknown): PydanticError {
  const ranked = violations.map((violation) => ({ violation, rule: RULES[violation.constraint] ?? OWN_RULE }));
  const [first] = ranked.toSorted((a, b) => a.rule.rank - b.rule.rank);
  if (!first) throw new RangeError('no violation to describe');
  return first.rule.describe(first.violation.args, value, first.violation.message);
}

/** `'a', 'b' or 'c'` */
function alternatives(values: readonly unknown[]): string {
  const quoted = values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value)));
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
