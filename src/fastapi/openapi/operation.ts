import { describePermission } from '../../access/permissions.js';
import { type JsonSchema, REFERENCE } from '../validation/model.js';
import type { HandlerFacts } from './handlers.js';
import { errorResponses } from './error-responses.js';
import { fieldSchema, isRequired, titleOf } from './model-schema.js';
import { SECURITY } from './standard-schemas.js';

/** The parts of an operation that Nest writes and this folder reads. */
export interface NestOperation {
  operationId: string;
  tags?: string[];
  description?: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: JsonSchema }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }>; required?: boolean };
  responses: Record<string, { headers?: JsonSchema; content?: Record<string, { schema: JsonSchema }> }>;
}

const FORM = 'application/x-www-form-urlencoded';

/** An operation as FastAPI writes it, with its order of keys. */
export function fastApiOperation(path: string, method: string, nest: NestOperation, facts: HandlerFacts): JsonSchema {
  const functionName = snakeCase(facts.name);
  const operationId = `${`${functionName}${path}`.replace(/\W/g, '_')}_${method}`;
  const parameters = (nest.parameters ?? []).map((parameter) => fastApiParameter(parameter, facts));
  const body = nest.requestBody && fastApiBody(nest.requestBody, operationId);
  const description = descriptionOf(nest, facts);
  return {
    ...(nest.tags ? { tags: nest.tags } : {}),
    summary: titleOf(functionName),
    ...(description ? { description } : {}),
    operationId,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: body } : {}),
    responses: {
      ...successResponses(nest, operationId),
      ...errorResponses({
        ...facts,
        // A body of a DELETE is read too.
        takesBody: body !== undefined || method === 'delete',
        takesInput: parameters.length > 0 || body !== undefined,
      }),
    },
    ...(facts.deprecated ? { deprecated: true } : {}),
    ...(facts.isPublic ? {} : { security: facts.isTokenOptional ? [...SECURITY, {}] : SECURITY }),
  };
}

function descriptionOf({ description }: NestOperation, { permission }: HandlerFacts): string | undefined {
  if (permission === undefined) return description;
  const needed = `Requires the permission \`${permission}\` (${describePermission(permission)}).`;
  return description ? `${description} ${needed}` : needed;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function fastApiParameter(
  parameter: NonNullable<NestOperation['parameters']>[number],
  facts: HandlerFacts,
): JsonSchema {
  const field = facts.fields.find(({ name }) => name === parameter.name);
  const schema = field ? fieldSchema(field) : { ...parameter.schema, title: titleOf(parameter.name) };
  const required = parameter.in === 'path' || (field ? isRequired(field) : (parameter.required ?? false));
  // Written next to the schema too, as FastAPI does, because Swagger UI shows only that one.
  const description = field ? schema.description : parameter.description;
  return { name: parameter.name, in: parameter.in, required, schema, ...(description ? { description } : {}) };
}

/** FastAPI names the schema of a form after the operation, and omits `required` for an optional body. */
function fastApiBody(
  { content, required = true }: NonNullable<NestOperation['requestBody']>,
  operationId: string,
): JsonSchema {
  const form = content[FORM];
  const written = form ? { [FORM]: { schema: { $ref: `${REFERENCE}${formName(operationId)}` } } } : content;
  return { content: written, ...(required ? { required } : {}) };
}

export function formName(operationId: string): string {
  return `Body_${operationId}`;
}

/** The name of the model that an operation takes as a form, or undefined. */
export function formModelOf({ requestBody }: NestOperation): string | undefined {
  const reference = requestBody?.content[FORM]?.schema.$ref;
  return typeof reference === 'string' ? reference.slice(REFERENCE.length) : undefined;
}

function successResponses(nest: NestOperation, operationId: string): JsonSchema {
  const responses: Record<string, JsonSchema> = {};
  for (const [status, { headers, content }] of Object.entries(nest.responses)) {
    const titled = content && withTitle(content, titleOf(`Response_${operationId}`));
    responses[status] = {
      description: 'Successful Response',
      ...(headers ? { headers } : {}),
      ...(titled ? { content: titled } : {}),
    };
  }
  return responses;
}

/** Adds a title after the operation to a schema without a name, such as a list. */
function withTitle(
  content: Record<string, { schema: JsonSchema }>,
  title: string,
): Record<string, { schema: JsonSchema }> {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schema }]) => [
      type,
      { schema: schema.$ref ? schema : { ...schema, title } },
    ]),
  );
}
