import type { ErrorType } from '../../platform/http/error-catalogue.js';
import { notFound } from '../../platform/http/http.errors.js';
import { problemOf } from '../errors/problem-details.js';
import { entry, MISSING, RequestValidationError } from '../errors/validation-error.js';
import { type JsonSchema, REFERENCE } from '../validation/model.js';

const EXAMPLE_ID = '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88';

/** An example occurrence, as on the wire. */
export function exampleProblem(type: ErrorType): JsonSchema {
  return { ...problemOf(type(), EXAMPLE_ID) };
}

export function exampleValidationProblem(): JsonSchema {
  const missing = entry(['body', 'password'], { username: 'john' }, MISSING);
  return { ...problemOf(new RequestValidationError([missing]), EXAMPLE_ID) };
}

const PROBLEM_PROPERTIES: Readonly<Record<string, JsonSchema>> = {
  type: {
    type: 'string',
    format: 'uri-reference',
    title: 'Type',
    description: 'The address of the description of the error.',
  },
  title: { type: 'string', title: 'Title', description: 'A short name of the error.' },
  status: { type: 'integer', title: 'Status', minimum: 400, maximum: 599 },
  detail: { type: 'string', title: 'Detail', description: 'A description of this occurrence, for people.' },
  instance: { type: 'string', format: 'uri', title: 'Instance', description: 'The URN of this occurrence.' },
  code: { type: 'string', title: 'Code', description: 'The code of the error, for programs.' },
  request_id: { type: 'string', title: 'Request Id', description: 'The `X-Request-ID` of the response.' },
};
const PROBLEM_REQUIRED = ['type', 'title', 'status', 'detail', 'code', 'request_id'];

/** Problem details (RFC 9457), for clients that prefer `application/problem+json`. */
const PROBLEM_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Problem: {
    properties: PROBLEM_PROPERTIES,
    type: 'object',
    required: PROBLEM_REQUIRED,
    title: 'Problem',
    examples: [exampleProblem(notFound)],
  },
  ValidationProblem: {
    properties: {
      ...PROBLEM_PROPERTIES,
      errors: { items: { $ref: `${REFERENCE}ValidationError` }, type: 'array', title: 'Errors' },
    },
    type: 'object',
    required: [...PROBLEM_REQUIRED, 'errors'],
    title: 'ValidationProblem',
    examples: [exampleValidationProblem()],
  },
};

/** FastAPI's schemas of a 422, the schema of every other error, and both as problem details. */
export const STANDARD_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  ...PROBLEM_SCHEMAS,
  HTTPError: {
    properties: { detail: { type: 'string', title: 'Detail' } },
    type: 'object',
    required: ['detail'],
    title: 'HTTPError',
    examples: [{ detail: 'Not Found' }],
  },
  HTTPValidationError: {
    properties: {
      detail: { items: { $ref: `${REFERENCE}ValidationError` }, type: 'array', title: 'Detail' },
    },
    type: 'object',
    title: 'HTTPValidationError',
  },
  ValidationError: {
    properties: {
      loc: { items: { anyOf: [{ type: 'string' }, { type: 'integer' }] }, type: 'array', title: 'Location' },
      msg: { type: 'string', title: 'Message' },
      type: { type: 'string', title: 'Error Type' },
      input: { title: 'Input' },
      ctx: { type: 'object', title: 'Context' },
    },
    type: 'object',
    required: ['loc', 'msg', 'type'],
    title: 'ValidationError',
    examples: [{ type: 'missing', loc: ['body', 'password'], msg: 'Field required', input: { username: 'john' } }],
  },
};

/** FastAPI's scheme, and a scheme whose dialog accepts an existing token. */
export const SECURITY_SCHEMES: Readonly<Record<string, JsonSchema>> = {
  OAuth2PasswordBearer: {
    type: 'oauth2',
    flows: { password: { scopes: {}, tokenUrl: '/api/v1/auth/login' } },
  },
  HTTPBearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'Paste the `access_token` from a login response.',
  },
};

/** Either scheme is sufficient. */
export const SECURITY: readonly JsonSchema[] = [{ OAuth2PasswordBearer: [] }, { HTTPBearer: [] }];
