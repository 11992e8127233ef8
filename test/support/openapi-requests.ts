import fc from 'fast-check';
import type { Operation, OpenApi } from '../contract/openapi-comparison.js';
import { operationsOf } from '../contract/openapi-comparison.js';
import type { Sent } from './http-client.js';
import { anyValue, objectOf } from './hostile-values.js';

/** A request generated from the OpenAPI document. */
export interface MadeUpRequest {
  method: string;
  path: string;
  sent: Sent;
}

const BROKEN_JSON = [
  '{',
  '[1,]',
  '{"a":1,}',
  'nul',
  "{'a':1}",
  '"\ud800"',
  '\ufeff{}',
  '{"a":\u0000}',
  '1e999',
  '[]]',
  '',
];

/** JSON text as a client would write it, or truncated, broken or deeply nested. */
function jsonText(object: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const whole = object.map((value) => JSON.stringify(value));
  return fc.oneof(
    { weight: 12, arbitrary: whole },
    { weight: 1, arbitrary: anyValue.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.tuple(whole, fc.nat(200)).map(([text, at]) => text.slice(0, at)) },
    { weight: 1, arbitrary: fc.constantFrom(...BROKEN_JSON, '['.repeat(5000), '{"a":'.repeat(3000)) },
    { weight: 1, arbitrary: whole.map((text) => `${text.slice(0, -1)},"username":"again"}`) },
  );
}

function formValue(value: unknown): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed();
}

function formText(object: fc.Arbitrary<Record<string, unknown>>): fc.Arbitrary<string> {
  const whole = object.map((fields) =>
    Object.entries(fields)
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(formValue(value))}`)
      .join('&'),
  );
  const mangled = fc.tuple(
    whole,
    fc.constantFrom('&username=again', '&username[]=x', '&%', '&=', '&a=%00', ';', '&a=%ff'),
  );
  return fc.oneof(
    { weight: 5, arbitrary: whole },
    { weight: 1, arbitrary: mangled.map(([text, more]) => text + more) },
  );
}

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const contentTypes = fc.constantFrom(
  JSON_TYPE,
  FORM_TYPE,
  'text/plain',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'APPLICATION/JSON; charset=utf-16',
  'application/json;',
  'application/vnd.api+json',
  '',
  '/',
  '\tapplication/json',
);

function bodyOf({ requestBody }: Operation, document: OpenApi): fc.Arbitrary<Pick<Sent, 'body' | 'headers'>> {
  const content = (requestBody as { content?: Record<string, { schema: { $ref: string } }> } | undefined)?.content;
  const [type = JSON_TYPE, declared] = Object.entries(content ?? {})[0] ?? [];
  const schema = declared ? (document.components.schemas[declared.schema.$ref.split('/').at(-1) ?? ''] ?? {}) : {};
  const text = type === FORM_TYPE ? formText(objectOf(schema)) : jsonText(objectOf(schema));
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
  const body = fc.oneof<fc.WeightedArbitrary<string | Buffer>[]>(
    { weight: 10, arbitrary: text },
    { weight: 1, arbitrary: bytes },
    { weight: 1, arbitrary: jsonText(anyValue) },
  );
  const sentType = fc.oneof({ weight: 10, arbitrary: fc.constant(type) }, { weight: 1, arbitrary: contentTypes });
  return fc.tuple(body, sentType).map(([sent, mediaType]) => ({ body: sent, headers: { 'content-type': mediaType } }));
}

/** Header values that Node's client can send. */
const headerValue = fc.oneof(
  fc.constantFrom(
    '',
    '*/*',
    'application/problem+json',
    'text/html;q=0.1',
    'http://localhost:3000',
    'null',
    '\x80\xff',
  ),
  fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,40}$/),
);
const headers = fc.dictionary(
  fc.constantFrom(
    'accept',
    'accept-language',
    'origin',
    'user-agent',
    'cookie',
    'x-request-id',
    'x-forwarded-for',
    'range',
  ),
  headerValue,
  { maxKeys: 3 },
);

function authorization(tokens: readonly string[]): fc.Arbitrary<Record<string, string>> {
  const some = fc.constantFrom(...tokens, 'x', 'a.b.c', '');
  const schemes = fc.constantFrom('Bearer ', 'bearer ', 'Bearer\t', 'Basic ', 'Bearer  ', '', 'Bearer Bearer ');
  return fc.oneof(
    fc.constant({}),
    fc.tuple(schemes, some).map(([scheme, token]) => ({ authorization: scheme + token })),
    headerValue.map((value) => ({ authorization: value })),
  );
}

/** The path itself, or a careless or malicious variant. */
function pathsLike(path: string): fc.Arbitrary<string> {
  const other = [
    `${path}/`,
    `/${path}`,
    path.toUpperCase(),
    `${path}%00`,
    `${path};x=1`,
    `${path}/../me`,
    `${path}/1`,
    `${path}%2f`,
  ];
  const query = fc.stringMatching(/^[\x21-\x7e]{0,30}$/).map((text) => `${path}?${text.replaceAll('#', '')}`);
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(path) },
    { weight: 1, arbitrary: fc.constantFrom(...other) },
    { weight: 2, arbitrary: query },
  );
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE'];

/**
 * Requests to every operation of a document: valid, nearly valid, invalid and malicious.
 *
 * @param tokens access tokens that some of the requests carry
 */
export function requestsTo(document: OpenApi, tokens: readonly string[]): fc.Arbitrary<MadeUpRequest> {
  const ofOperation = operationsOf(document).map(([path, method, operation]) => {
    const methods = fc.oneof(
      { weight: 12, arbitrary: fc.constant(method.toUpperCase()) },
      { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
    );
    const body = operation.requestBody
      ? bodyOf(operation, document)
      : fc.oneof(
          { weight: 4, arbitrary: fc.constant<Pick<Sent, 'body' | 'headers'>>({}) },
          { weight: 1, arbitrary: bodyOf(operation, document) },
        );
    const parts = fc.tuple(methods, pathsLike(path.replace(/\{\w+\}/g, '1')), body, headers, authorization(tokens));
    return parts.map(([sentMethod, sentPath, sentBody, more, credentials]) => ({
      method: sentMethod,
      path: sentPath,
      sent: { ...sentBody, headers: { ...more, ...credentials, ...sentBody.headers } },
    }));
  });
  return fc.oneof(...ofOperation);
}
