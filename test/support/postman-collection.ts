import type { JsonSchema } from '../../src/fastapi/validation/model.js';
import type { OpenApiDocument } from '../../src/fastapi/openapi/openapi-document.js';
import { inFolders, type Placeable } from './postman-folders.js';
import { exampleWithVariables, keepingScript, parameterBelow, passwordSetBy, variable } from './postman-variables.js';

/** The parts of an operation that a collection uses. */
interface Operation {
  tags?: string[];
  summary: string;
  description?: string;
  parameters?: { name: string; in: string; required: boolean; schema: JsonSchema }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>;
  security?: unknown[];
}

type Model = { properties?: JsonSchema; examples?: JsonSchema[] };
type Schemas = Record<string, Model>;

/** An operation with derived values. */
interface Endpoint extends Placeable {
  path: string;
  operation: Operation;
  /** The variable that holds an id from the list that the operation returns. */
  listed: string | undefined;
}

const FORMAT = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
const TOKEN = { type: 'bearer', bearer: [{ key: 'token', value: '{{token}}', type: 'string' }] };

/**
 * A Postman collection (format 2.1.0) with one request per operation, filled from the examples of the schemas. It can run
 * from top to bottom repeatedly (`inFolders`). Variables pass values from responses to later requests: the two tokens, the
 * changed password, and an id from each list.
 *
 * @param baseUrl initial value of `{{baseUrl}}`, an origin without a trailing slash
 */
export function postmanCollection(document: OpenApiDocument, baseUrl: string): JsonSchema {
  const { title, version } = document.info as { title: string; version: string };
  const { schemas } = document.components as { schemas: Schemas };
  const endpoints = endpointsOf(document.paths as Record<string, Record<string, Operation>>, title, schemas);
  const listed = new Set(endpoints.flatMap((endpoint) => endpoint.listed ?? []));
  return {
    info: { name: title, description: `Version ${version}, generated from openapi.json.`, schema: FORMAT },
    item: [...inFolders(endpoints)].map(([name, within]) => {
      return { name, item: within.map((endpoint) => requestItem(endpoint, listed, schemas)) };
    }),
    auth: TOKEN,
    variable: [
      variable('baseUrl', baseUrl),
      variable('token', ''),
      variable('refresh_token', ''),
      variable('password', firstPassword(endpoints, schemas)),
      // Not empty, since a path with an empty id would be the path of the whole list.
      ...[...listed].map((name) => variable(name, 'none')),
    ],
  };
}

function endpointsOf(paths: Record<string, Record<string, Operation>>, title: string, schemas: Schemas): Endpoint[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const { tags: [tag = title] = [], security, requestBody, responses } = operation;
      const answered = propertiesOf(responses['200']?.content, schemas);
      const exchange = {
        path,
        secured: security !== undefined,
        fields: propertiesOf(requestBody?.content, schemas),
        answered,
      };
      const isList = method === 'get' && answered.includes('items');
      const listed = isList ? parameterBelow(path, Object.keys(paths)) : undefined;
      return { path, method, operation, tag, exchange, listed };
    }),
  );
}

function requestItem(endpoint: Endpoint, listed: Set<string>, schemas: Schemas): JsonSchema {
  const { method, operation, exchange } = endpoint;
  const { summary, description } = operation;
  const exec = keepingScript(exchange, endpoint.listed);
  const body = bodyOf(endpoint, schemas);
  return {
    name: summary,
    ...(exec.length > 0 ? { event: [{ listen: 'test', script: { type: 'text/javascript', exec } }] } : {}),
    request: {
      ...(exchange.secured ? {} : { auth: { type: 'noauth' } }),
      method: method.toUpperCase(),
      header: [{ key: 'Accept', value: 'application/json' }],
      ...(body ? { body } : {}),
      url: urlOf(endpoint, listed),
      ...(description ? { description } : {}),
    },
    response: [],
  };
}

/** The password in the example of the registration. */
function firstPassword(endpoints: Endpoint[], schemas: Schemas): string {
  const registration = endpoints.find(({ exchange }) => passwordSetBy(exchange) === 'password');
  const example = registration
    ? modelOf(registration.operation.requestBody?.content, schemas).examples?.[0]
    : undefined;
  return textOf(example?.password ?? '');
}

type Content = Record<string, { schema: JsonSchema }> | undefined;

/** The model of the first media type. */
function modelOf(content: Content, schemas: Schemas): Model {
  const [{ schema } = { schema: {} }] = Object.values(content ?? {});
  return resolve(schema, schemas);
}

function propertiesOf(content: Content, schemas: Schemas): string[] {
  return Object.keys(modelOf(content, schemas).properties ?? {});
}

function bodyOf({ operation: { requestBody }, exchange }: Endpoint, schemas: Schemas): JsonSchema | undefined {
  if (!requestBody) return undefined;
  const { examples: [first = {}] = [] } = modelOf(requestBody.content, schemas);
  const example = exampleWithVariables(exchange, first);
  if ('application/json' in requestBody.content) {
    return { mode: 'raw', raw: JSON.stringify(example, null, 2), options: { raw: { language: 'json' } } };
  }
  const fields = exchange.fields.map((key) =>
    key in example
      ? { key, value: textOf(example[key]), type: 'text' }
      : { key, value: '', type: 'text', disabled: true },
  );
  return { mode: 'urlencoded', urlencoded: fields };
}

function urlOf({ path, operation: { parameters = [] } }: Endpoint, listed: Set<string>): JsonSchema {
  const segments = path.split('/').slice(1);
  const host = '{{baseUrl}}';
  const postmanPath = segments.map((segment) => segment.replace(/^\{(.+)\}$/, ':$1'));
  const within = (place: string) => parameters.filter((parameter) => parameter.in === place);
  const filled = within('path').map(({ name, schema }) => {
    return { key: name, value: listed.has(name) ? `{{${name}}}` : valueFor(schema) };
  });
  const query = within('query').map(({ name, schema, required }) => {
    return { key: name, value: valueFor(schema), disabled: !required };
  });
  return {
    raw: [host, ...postmanPath].join('/'),
    host: [host],
    path: postmanPath,
    ...(query.length > 0 ? { query } : {}),
    ...(filled.length > 0 ? { variable: filled } : {}),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** An initial value: the default, otherwise the smallest allowed number. */
function valueFor({ default: value, minimum, type }: JsonSchema): string {
  return textOf(value ?? minimum ?? (type === 'integer' ? 1 : ''));
}

function resolve(schema: JsonSchema, schemas: Schemas): Model {
  const name = typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1) : undefined;
  return (name === undefined ? undefined : schemas[name]) ?? schema;
}
