import type { JsonSchema } from '../validation/model.js';
import type { OpenApiDocument } from './openapi-document.js';

/** The parts of an operation that a collection is made of. */
interface Operation {
  tags?: string[];
  summary: string;
  description?: string;
  parameters?: { name: string; in: string; required: boolean; schema: JsonSchema }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>;
  security?: unknown[];
}

type Schemas = Record<string, { properties?: JsonSchema; examples?: JsonSchema[] }>;

const FORMAT = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
const TOKEN = { type: 'bearer', bearer: [{ key: 'token', value: '{{token}}', type: 'string' }] };
const KEEP_TOKEN = [
  'const { access_token: token } = pm.response.json();',
  "if (token) pm.collectionVariables.set('token', token);",
];

/**
 * A Postman collection (format 2.1.0) with a folder a tag and a request an operation, filled from the examples of the
 * schemas. A request whose answer holds an access token keeps it in `{{token}}`, which the others send.
 *
 * @param baseUrl first value of `{{baseUrl}}`, an origin without a trailing slash
 */
export function postmanCollection(document: OpenApiDocument, baseUrl: string): JsonSchema {
  const { title, version } = document.info as { title: string; version: string };
  const { schemas } = document.components as { schemas: Schemas };
  const folders = new Map<string, JsonSchema[]>();
  for (const [path, methods] of Object.entries(document.paths as Record<string, Record<string, Operation>>)) {
    for (const [method, operation] of Object.entries(methods)) {
      const [tag = title] = operation.tags ?? [];
      folders.set(tag, [...(folders.get(tag) ?? []), requestItem(path, method, operation, schemas)]);
    }
  }
  return {
    info: { name: title, description: `Version ${version}, generated from openapi.json.`, schema: FORMAT },
    item: [...folders].map(([name, item]) => ({ name, item })),
    auth: TOKEN,
    variable: [
      { key: 'baseUrl', value: baseUrl, type: 'string' },
      { key: 'token', value: '', type: 'string' },
    ],
  };
}

function requestItem(path: string, method: string, operation: Operation, schemas: Schemas): JsonSchema {
  const { summary, description, requestBody, security } = operation;
  return {
    name: summary,
    ...(answersToken(operation, schemas)
      ? { event: [{ listen: 'test', script: { type: 'text/javascript', exec: KEEP_TOKEN } }] }
      : {}),
    request: {
      ...(security ? {} : { auth: { type: 'noauth' } }),
      method: method.toUpperCase(),
      header: [{ key: 'Accept', value: 'application/json' }],
      ...(requestBody ? { body: bodyOf(requestBody, schemas) } : {}),
      url: urlOf(path, operation),
      ...(description ? { description } : {}),
    },
    response: [],
  };
}

function answersToken({ responses }: Operation, schemas: Schemas): boolean {
  const schema = responses['200']?.content?.['application/json']?.schema;
  return schema !== undefined && 'access_token' in (resolve(schema, schemas).properties ?? {});
}

function bodyOf({ content }: NonNullable<Operation['requestBody']>, schemas: Schemas): JsonSchema {
  const [[mediaType, { schema }] = ['', { schema: {} }]] = Object.entries(content);
  const { properties = {}, examples: [example = {}] = [] } = resolve(schema, schemas);
  if (mediaType === 'application/json') {
    return { mode: 'raw', raw: JSON.stringify(example, null, 2), options: { raw: { language: 'json' } } };
  }
  const fields = Object.keys(properties).map((key) =>
    key in example
      ? { key, value: textOf(example[key]), type: 'text' }
      : { key, value: '', type: 'text', disabled: true },
  );
  return { mode: 'urlencoded', urlencoded: fields };
}

function urlOf(path: string, { parameters = [] }: Operation): JsonSchema {
  const segments = path.split('/').slice(1);
  const host = '{{baseUrl}}';
  const postmanPath = segments.map((segment) => segment.replace(/^\{(.+)\}$/, ':$1'));
  const within = (place: string) => parameters.filter((parameter) => parameter.in === place);
  const variable = within('path').map(({ name, schema }) => ({ key: name, value: valueFor(schema) }));
  const query = within('query').map(({ name, schema, required }) => {
    return { key: name, value: valueFor(schema), disabled: !required };
  });
  return {
    raw: [host, ...postmanPath].join('/'),
    host: [host],
    path: postmanPath,
    ...(query.length > 0 ? { query } : {}),
    ...(variable.length > 0 ? { variable } : {}),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Something to start from: the default, else the smallest number that is allowed. */
function valueFor({ default: value, minimum, type }: JsonSchema): string {
  return textOf(value ?? minimum ?? (type === 'integer' ? 1 : ''));
}

function resolve(schema: JsonSchema, schemas: Schemas): Schemas[string] {
  const name = typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1) : undefined;
  return (name === undefined ? undefined : schemas[name]) ?? schema;
}
