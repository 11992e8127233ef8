import { readFileSync } from 'node:fs';

export type Json = Record<string, unknown>;

export interface Operation extends Json {
  operationId: string;
  summary: string;
  tags?: string[];
  deprecated?: boolean;
  parameters?: Json[];
  requestBody?: Json;
  responses: Record<string, Json>;
  security?: Json[];
}

export interface OpenApi extends Json {
  openapi: string;
  info: Json;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json & { properties: Json }>; securitySchemes: Record<string, Json> };
}

/** A document recorded from FastAPI, in the folder of this file. */
export function recordedDocument(name: string): OpenApi {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as OpenApi;
}

/** Path, method and object of all operations in a document. */
export function operationsOf({ paths }: OpenApi): [path: string, method: string, operation: Operation][] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [path, method, operation] as [string, string, Operation]),
  );
}

/** Statuses that the FastAPI service did not document. */
const ADDED_STATUSES = new Set(['400', '401', '403', '413', '429', '503']);

/** The header that requests a cookie. */
const ADDED_HEADER = 'X-Auth-Mode';

/** The media type of errors that the FastAPI service did not have. */
const ADDED_TYPE = 'application/problem+json';

/** An operation without additions to FastAPI: error responses, problem documents and the second security scheme. */
export function asFastApiWouldHave({ responses, security, parameters, ...operation }: Operation): Json {
  const knownParameters = parameters?.filter(({ name }) => name !== ADDED_HEADER) ?? [];
  const known = Object.entries(responses)
    .filter(([status]) => !ADDED_STATUSES.has(status))
    .map(([status, response]) => [status, withoutAddedType(response)]);
  return {
    ...operation,
    ...(knownParameters.length > 0 ? { parameters: knownParameters } : {}),
    responses: Object.fromEntries(known),
    ...(security ? { security: security.filter((scheme) => !('HTTPBearer' in scheme)) } : {}),
  };
}

function withoutAddedType({ content, ...response }: Json): Json {
  if (content === undefined) return response;
  const known = Object.entries(content as Json).filter(([type]) => type !== ADDED_TYPE);
  return { ...response, content: Object.fromEntries(known) };
}

/** Fields that FastAPI's sign-in response does not have. */
export const ADDED_TOKEN_FIELDS = ['expires_in', 'refresh_token'];

/** A schema without examples and without ADDED_TOKEN_FIELDS. */
export function schemaAsFastApiWouldHave(schema: Json): Json {
  const isKnown = (name: string): boolean => schema.title !== 'Token' || !ADDED_TOKEN_FIELDS.includes(name);
  const properties = Object.entries(schema.properties as Record<string, Json>)
    .filter(([name]) => isKnown(name))
    .map(([name, property]) => [name, withoutExamples(property)]);
  const required = (schema.required as string[] | undefined)?.filter(isKnown);
  return {
    ...withoutExamples(schema),
    properties: Object.fromEntries(properties) as Json,
    ...(required ? { required } : {}),
  };
}

function withoutExamples(schema: Json): Json {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== 'examples'));
}

/** Every reference in a document, at any depth. */
export function referencesIn(json: unknown): string[] {
  if (typeof json !== 'object' || json === null) return [];
  const { $ref } = json as Json;
  const own = typeof $ref === 'string' ? [$ref] : [];
  return own.concat(Object.values(json).flatMap(referencesIn));
}
