import { AppError } from '../../platform/http/app-error.js';
import { validationFailed } from './fastapi.errors.js';

/** Where the wrong input stood: `["body", "username"]`, `["query", "limit"]`, `["body", 14]`. */
export type Location = readonly (string | number)[];

/** What pydantic says of one wrong input, without the place and the input. */
export interface PydanticError {
  type: string;
  msg: string;
  ctx?: Readonly<Record<string, unknown>>;
}

/** One entry of a 422 in FastAPI's shape; the keys stand in this order on the wire. */
export interface ValidationEntry {
  type: string;
  loc: Location;
  msg: string;
  /** What was received, secrets masked; may hold `LosslessJson`. */
  input: unknown;
  ctx?: Readonly<Record<string, unknown>>;
}

/** Stands for every secret, and for everything that might be one. */
export const MASK = '**********';

/** 422 with `{"detail": [entry, …]}`: FastAPI's HTTPValidationError. */
export class RequestValidationError extends AppError {
  override readonly name = 'RequestValidationError';

  constructor(readonly entries: readonly ValidationEntry[]) {
    super(validationFailed, { detail: entries });
  }
}

export function entry(loc: Location, input: unknown, { type, msg, ctx }: PydanticError): ValidationEntry {
  return ctx ? { type, loc, msg, input, ctx } : { type, loc, msg, input };
}

export const MISSING: PydanticError = { type: 'missing', msg: 'Field required' };

export const NOT_AN_OBJECT: PydanticError = {
  type: 'model_attributes_type',
  msg: 'Input should be a valid dictionary or object to extract fields from',
};

/** The answer to a body that is no JSON, in the words and with the position of Python's json module. */
export function jsonInvalid(position: number, reason: string): RequestValidationError {
  const error = { type: 'json_invalid', msg: 'JSON decode error', ctx: { error: reason } };
  return new RequestValidationError([entry(['body', position], {}, error)]);
}
