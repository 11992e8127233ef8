import type { AppError } from '../../platform/http/app-error.js';
import type { ValidationEntry } from './validation-error.js';

/** Where the service describes its errors, each under a fragment that is its code. */
export const ERRORS_PAGE = '/docs/errors';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Problem details (RFC 9457): what `application/problem+json` holds. */
export interface Problem {
  /** The kind of error: the address of the code in `ERRORS_PAGE`. Programs compare `code` instead. */
  type: string;
  /** The kind in a few words, the same at every occurrence. */
  title: string;
  /** HTTP status, for who sees the body alone. */
  status: number;
  /** What is the matter this time, for people. */
  detail: string;
  /** This occurrence, where the request's id is a UUID; one that the client chose is no URI. */
  instance?: string;
  code: string;
  request_id: string;
  /** Of a 422: FastAPI's list. */
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
