import type { PydanticError } from '../errors/validation-error.js';

/** A value of the required type, or the error of an input that is not one. */
type Coercion = { value: unknown } | { error: PydanticError };

/** Converts an input to the type that a class-validator constraint requires, as leniently as pydantic does. */
type Coerce = (input: unknown) => Coercion;

const error = (type: string, msg: string): Coercion => ({ error: { type, msg } });

/** Coercions by the name of the constraint that determines the type of a field. */
export const COERCIONS: Readonly<Record<string, Coerce>> = {
  isString: coerceString,
  isInt: coerceInteger,
  isBoolean: coerceBoolean,
  isIn: coerceLiteral,
};

/** Maximum length of a number in UTF-16 code units: pydantic-core does not read a longer string as an integer. */
const MAX_NUMBER_LENGTH = 4300;
/** Length of the longest word for a boolean, `false`. */
const MAX_BOOLEAN_LENGTH = 5;

/** Rejects NUL and lone surrogates, which PostgreSQL cannot store. */
function coerceString(input: unknown): Coercion {
  if (typeof input !== 'string') return error('string_type', 'Input should be a valid string');
  if (input.includes('\0') || !input.isWellFormed()) {
    return error('string_unicode', 'Input should be a valid string, unable to parse raw data as a unicode string');
  }
  return { value: input };
}

/** Accepts every type: the check against the list rejects other values with the same error. */
function coerceLiteral(input: unknown): Coercion {
  return typeof input === 'string' ? coerceString(input) : { value: input };
}

const INTEGER_TOO_LARGE = error(
  'int_parsing_size',
  'Unable to parse input string as an integer, exceeded maximum size',
);

function coerceInteger(input: unknown): Coercion {
  if (typeof input === 'boolean') return { value: Number(input) };
  if (typeof input === 'string') {
    if (input.length > MAX_NUMBER_LENGTH) return INTEGER_TOO_LARGE;
    // Digits with single underscores between them, and optionally a sign, a fraction of zeros and surrounding white
    // space.
    const digits = /^\s*([+-]?\d+(?:_\d+)*)(?:\.0+)?\s*$/.exec(input)?.[1];
    if (digits === undefined) {
      return error('int_parsing', 'Input should be a valid integer, unable to parse string as an integer');
    }
    const value = Number(digits.replaceAll('_', ''));
    if (Number.isFinite(value)) return { value };
    return INTEGER_TOO_LARGE;
  }
  if (typeof input !== 'number') return error('int_type', 'Input should be a valid integer');
  if (!Number.isFinite(input)) return error('finite_number', 'Input should be a finite number');
  if (!Number.isInteger(input)) {
    return error('int_from_float', 'Input should be a valid integer, got a number with a fractional part');
  }
  return { value: input };
}

const TRUE = new Set(['1', 'true', 't', 'yes', 'y', 'on']);
const FALSE = new Set(['0', 'false', 'f', 'no', 'n', 'off']);

function coerceBoolean(input: unknown): Coercion {
  if (typeof input === 'boolean') return { value: input };
  if (typeof input === 'string' || Number.isInteger(input)) {
    const text = String(input);
    const word = text.length > MAX_BOOLEAN_LENGTH ? '' : text.toLowerCase();
    if (TRUE.has(word)) return { value: true };
    if (FALSE.has(word)) return { value: false };
    return error('bool_parsing', 'Input should be a valid boolean, unable to interpret input');
  }
  return error('bool_type', 'Input should be a valid boolean');
}
