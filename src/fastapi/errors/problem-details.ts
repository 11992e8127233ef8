import type { AppError } from '../../platform/http/app-error.js';
import type { ValidationEntry } from './validation-error.js';

/** The page that describes the errors, each with its code as the fragment. */
export const ERRORS_PAGE = '/docs/errors';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Problem details (RFC 9457): the members of `application/problem+json`. */
export interface Problem {
  /** The address of the error's description in `ERRORS_PAGE`. Programs should compare `code` instead. */
  type: string;
  /** A short name of the error, the same in every occurrence. */
  title: string;
  /** The HTTP status, for readers that see only the body. */
  status: number;
  /** A description of this occurrence, for people. */
  detail: string;
  /** The URN of the request's id. Absent if the client chose an id that is not a UUID. */
  instance?: string;
  code: string;
  request_id: string;
  /** FastAPI's list, in a 422. */
  errors?: readonly ValidationEntry[];
}

/** @param prefix the path that a proxy strips */
export function problemOf(error: AppError, requestId: string, prefix = ''): Problem {
  const { code, status, detail, definition } = error;
  const entries = Array.isArray(detail) ? (detail as readonly ValidationEntry[]) : undefined;
  return {
    type: `${prefix}${problemType(code)}`,
    title: definition.title ?? definition.detail,
    status,
    detail: entries ? entries.map(inWords).join('; ') : String(detail),
    ...(UUID.test(requestId) ? { instance: `urn:uuid:${requestId}` } : {}),
    code,
    request_id: requestId,
    ...(entries ? { errors: entries } : {}),
  };
}

export function problemType(code: string): string {
  return `${ERRORS_PAGE}#${code}`;
}

function inWords({ loc, msg }: ValidationEntry): string {
  return `${loc.join('.')}: ${msg}`;
}
