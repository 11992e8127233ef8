import type { Permission } from '../../access/permissions.js';
import { databaseUnavailable } from '../../platform/database/database-errors.js';
import type { ErrorType } from '../../platform/http/error-catalogue.js';
import { payloadTooLarge } from '../../platform/http/http.errors.js';
import { rateLimitExceeded } from '../../platform/rate-limit/rate-limit.errors.js';
import { PROBLEM_JSON } from '../errors/accepted-format.js';
import {
  invalidToken,
  notAuthenticated,
  permissionDenied,
  unreadableBody,
  validationFailed,
} from '../errors/fastapi.errors.js';
import { type JsonSchema, REFERENCE } from '../validation/model.js';
import { exampleProblem, exampleValidationProblem } from './standard-schemas.js';

/** The properties of a handler that determine its possible errors. */
export interface FallibleHandler {
  errors: readonly ErrorType[];
  isPublic: boolean;
  permission: Permission | undefined;
  takesBody: boolean;
  /** A body or parameters. */
  takesInput: boolean;
}

const RETRY_AFTER: JsonSchema = {
  'Retry-After': {
    description: 'Seconds to wait before the next attempt.',
    schema: { type: 'integer', minimum: 1, examples: [2] },
  },
};

/** Response headers that clients act on, by status. */
const HEADERS: Readonly<Record<number, JsonSchema>> = {
  401: {
    'WWW-Authenticate': {
      description: 'The scheme to authenticate with (RFC 6750).',
      schema: { type: 'string', examples: ['Bearer'] },
    },
  },
  429: RETRY_AFTER,
  503: RETRY_AFTER,
};

/**
 * The error responses of an operation by status, in both formats. FastAPI's 422 is described as FastAPI describes it.
 */
export function errorResponses(handler: FallibleHandler): Record<string, JsonSchema> {
  const byStatus = new Map<number, ErrorType[]>();
  for (const type of errorsOf(handler)) byStatus.set(type.status, [...(byStatus.get(type.status) ?? []), type]);
  const responses: Record<string, JsonSchema> = {};
  for (const [status, types] of byStatus) responses[status] = response(status, types);
  if (handler.takesInput) responses[validationFailed.status] = validationResponse();
  return responses;
}

/** The declared errors and those that all handlers of a kind share. Authentication needs the database. */
function errorsOf({ errors, isPublic, permission, takesBody }: FallibleHandler): ReadonlySet<ErrorType> {
  return new Set([
    ...errors,
    ...(isPublic ? [] : [notAuthenticated, invalidToken, databaseUnavailable]),
    ...(permission === undefined ? [] : [permissionDenied]),
    rateLimitExceeded,
    ...(takesBody ? [unreadableBody, payloadTooLarge] : []),
  ]);
}

function response(status: number, types: readonly ErrorType[]): JsonSchema {
  const examples = (valueOf: (type: ErrorType) => JsonSchema) =>
    Object.fromEntries(types.map((type) => [type.code, { summary: type.title, value: valueOf(type) }]));
  const headers = HEADERS[status];
  return {
    description: types.map(({ code, about }) => (types.length === 1 ? about : `- \`${code}\`: ${about}`)).join('\n'),
    ...(headers ? { headers } : {}),
    content: {
      'application/json': {
        schema: { $ref: `${REFERENCE}HTTPError` },
        examples: examples(({ detail }) => ({ detail })),
      },
      [PROBLEM_JSON]: { schema: { $ref: `${REFERENCE}Problem` }, examples: examples(exampleProblem) },
    },
  };
}

function validationResponse(): JsonSchema {
  return {
    description: 'Validation Error',
    content: {
      'application/json': { schema: { $ref: `${REFERENCE}HTTPValidationError` } },
      [PROBLEM_JSON]: {
        schema: { $ref: `${REFERENCE}ValidationProblem` },
        examples: { [validationFailed.code]: { summary: validationFailed.title, value: exampleValidationProblem() } },
      },
    },
  };
}
