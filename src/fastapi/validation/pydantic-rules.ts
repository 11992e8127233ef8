import type { PydanticError } from '../errors/validation-error.js';
import { emailReason } from './email.decorator.js';

interface Rule {
  /** pydantic stops at the first error of a field, so only the violation with the lowest rank is reported. */
  rank: number;
  describe(args: readonly unknown[], value: unknown, message: string): PydanticError;
}

const characters = (count: unknown): string => `${String(count)} character${count === 1 ? '' : 's'}`;

/** The error for a string of more than `max` code points. */
export function stringTooLong(max: unknown): PydanticError {
  return {
    type: 'string_too_long',
    msg: `String should have at most ${characters(max)}`,
    ctx: { max_length: max },
  };
}

/**
 * Maps class-validator's constraints to pydantic's errors (pydantic-core, `errors/types.rs`). Any other constraint is a
 * custom rule, which corresponds to a validator function in pydantic that raises ValueError.
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
    // pydantic parses the address before it checks the length of the result.
    rank: 1,
    describe: (_args, value) => {
      const reason = emailReason(value);
      return { type: 'value_error', msg: `value is not a valid email address: ${reason}`, ctx: { reason } };
    },
  },
};

const CUSTOM_RULE: Rule = {
  rank: 4,
  describe: (_args, _value, message) => ({ type: 'value_error', msg: `Value error, ${message}`, ctx: { error: {} } }),
};

/** A constraint that a value violates. */
export interface Violation {
  /** class-validator's name of the constraint: `minLength`. */
  constraint: string;
  /** The arguments of the decorator: `[3]`. */
  args: readonly unknown[];
  message: string;
}

/** The error at which pydantic would stop. */
export function firstError(violations: readonly Violation[], value: unknown): PydanticError {
  const ranked = violations.map((violation) => ({ violation, rule: RULES[violation.constraint] ?? CUSTOM_RULE }));
  const [first] = ranked.toSorted((a, b) => a.rule.rank - b.rule.rank);
  if (!first) throw new RangeError('no violation to describe');
  return first.rule.describe(first.violation.args, value, first.violation.message);
}

/** `'a', 'b' or 'c'` */
function alternatives(values: readonly unknown[]): string {
  const quoted = values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value)));
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
