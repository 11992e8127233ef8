import { ERRORS_PAGE } from '../errors/problem-details.js';
import type { OpenApiDocument } from './openapi-document.js';

/**
 * The JSON of a document for clients behind a proxy that strips a path. It has `servers`, as FastAPI writes for its
 * root_path, and the prefix in every other address of this service.
 */
export function prefixedDocument({ openapi, info, ...rest }: OpenApiDocument, prefix: string): string {
  if (prefix === '') return JSON.stringify({ openapi, info, ...rest });
  const isOwnPath = (key: string, value: unknown): boolean =>
    key === 'tokenUrl' || (key === 'type' && typeof value === 'string' && value.startsWith(ERRORS_PAGE));
  return JSON.stringify({ openapi, info, servers: [{ url: prefix }], ...rest }, (key, value: unknown) =>
    isOwnPath(key, value) ? `${prefix}${String(value)}` : value,
  );
}
