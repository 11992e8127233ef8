import { AppError } from '../../platform/http/app-error.js';
import { validationFailed } from './fastapi.errors.js';

/** The location of the invalid input: `["body", "username"]`, `["query", "limit"]`, `["body", 14]`. */
export type Location = readonly (string | number)[];

/** pydantic's error for one invalid input, without its location and the input itself. */
export interface PydanticError {
  type: string;
  msg: string;
  ctx?: Readonly<Record<string, unknown>>;
}

/** One entry of a 422 in FastAPI's format. The keys have this order on the wire. */
export interface ValidationEntry {
  type: string;
  loc: Location;
  msg: string;
  /** The input as received, with secrets masked. May contain `LosslessJson`. */
  input: unknown;
  ctx?: Readonly<Record<string, unknown>>;
}

/** Replaces every value that is or may be a secret. */
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

/** The error for a body that is not JSON, with the message and position of Python's json module. */
export function jsonInvalid(position: number, reason: string): RequestValidationError {
  const error = { type: 'json_invalid', msg: 'JSON decode error', ctx: { error: reason } };
  return new RequestValidationError([entry(['body', position], {}, error)]);
}
