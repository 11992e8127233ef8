import type { JsonSchema } from '../validation/model.js';

/** FastAPI's own schemas of a 422, and the shape of every other error. */
export const STANDARD_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  HTTPError: {
    properties: { detail: { type: 'string', title: 'Detail' } },
    type: 'object',
    required: ['detail'],
    title: 'HTTPError',
    examples: [{ detail: 'Not Found' }],
  },
  HTTPValidationError: {
    properties: {
      detail: { items: { $ref: '#/components/schemas/ValidationError' }, type: 'array', title: 'Detail' },
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

/** FastAPI's scheme, and beside it one whose dialog takes a token that somebody has already. */
export const SECURITY_SCHEMES: Readonly<Record<string, JsonSchema>> = {
  OAuth2PasswordBearer: {
    type: 'oauth2',
    flows: { password: { scopes: {}, tokenUrl: '/api/v1/auth/login' } },
  },
  HTTPBearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'Paste the `access_token` of a login.',
  },
};

/** Either of them. */
export const SECURITY: readonly JsonSchema[] = [{ OAuth2PasswordBearer: [] }, { HTTPBearer: [] }];
