import type { PydanticError } from '../errors/validation-error.js';

/** A value of the asked type, or why the input cannot be read as one. */
type Coercion = { value: unknown } | { error: PydanticError };

/** Reads an input as the type that a class-validator constraint asks for, as leniently as pydantic does. */
type Coerce = (input: unknown) => Coercion;

const error = (type: string, msg: string): Coercion => ({ error: { type, msg } });

/** By the name of the constraint that says the type of a field. */
export const COERCIONS: Readonly<Record<string, Coerce>> = {
  isString: coerceString,
  isInt: coerceInteger,
  isBoolean: coerceBoolean,
  isIn: coerceLiteral,
};

/** Most UTF-16 code units of a number: pydantic-core does not read a longer text as an integer. */
const MAX_NUMBER_TEXT = 4300;
/** UTF-16 code units of the longest word for a boolean, `false`. */
const MAX_BOOLEAN_TEXT = 5;

/** Text that PostgreSQL and every log can hold: no lone surrogate, no NUL. */
function coerceString(input: unknown): Coercion {
  if (typeof input !== 'string') return error('string_type', 'Input should be a valid string');
  if (input.includes('\0') || !input.isWellFormed()) {
    return error('string_unicode', 'Input should be a valid string, unable to parse raw data as a unicode string');
  }
  return { value: input };
}

/** Whatever is none of the listed values is refused as that, whatever its type. */
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
    if (input.length > MAX_NUMBER_TEXT) return INTEGER_TOO_LARGE;
    // Digits with single underscores between them, a sign, a fraction of zeros, spaces around: `int()` and no more.
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
    const word = text.length > MAX_BOOLEAN_TEXT ? '' : text.toLowerCase();
    if (TRUE.has(word)) return { value: true };
    if (FALSE.has(word)) return { value: false };
    return error('bool_parsing', 'Input should be a valid boolean, unable to interpret input');
  }
  return error('bool_type', 'Input should be a valid boolean');
}
