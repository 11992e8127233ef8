/**
 * Every string that a client can send, and the most expensive values. `npm run bench:inputs` measures their response
 * times; a test measures how many characters reach each function.
 */

/** Size limit of a request line with its headers, minus the other headers. */
const HEADER_BYTES = 15_000;
/** Default size limit of a body (BODY_LIMIT_BYTES), minus its other fields. */
const BODY_BYTES = 100_000;

/** Headers that the service reads, and requests for which it reads most of them. */
const HEADERS = [
  'accept',
  'accept-encoding',
  'accept-language',
  'access-control-request-headers',
  'access-control-request-method',
  'authorization',
  'content-type',
  'cookie',
  'if-modified-since',
  'if-none-match',
  'origin',
  'user-agent',
  'x-auth-mode',
  'x-forwarded-for',
  'x-request-id',
];
const READERS = [
  {
    method: 'POST',
    path: '/api/v1/auth/refresh',
    headers: { 'x-auth-mode': 'cookie', origin: 'http://localhost:3000' },
  },
  { method: 'POST', path: '/api/v1/auth/login', headers: {}, body: 'username=nobody&password=secure123' },
  { method: 'GET', path: '/api/v1/users/me', headers: {} },
  { method: 'GET', path: '/account/verify-email', headers: {} },
  { method: 'GET', path: '/docs/swagger-ui.css', headers: {} },
  { method: 'GET', path: '/metrics', headers: {} },
];

/**
 * @param document the OpenAPI document of the service
 * @returns one entry for each documented field of type string, each parameter, header and cookie
 */
export function stringInputs(document) {
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) =>
      [
        ...parametersOf(path, method.toUpperCase(), operation),
        ...fieldsOf(document, path, method.toUpperCase(), operation),
      ].map((input) => Object.assign(input, { isSecured: needsToken(operation) })),
    ),
  );
  return [...documented, ...HEADERS.flatMap(headerInputs), ...unknownPaths()];
}

function parametersOf(path, method, { parameters = [] }) {
  return parameters
    .filter(({ in: place }) => place !== 'header')
    .map(({ name, in: place, schema }) => {
      const request = (text) => {
        const value = encodeURIComponent(text);
        return place === 'path'
          ? { method, path: path.replace(`{${name}}`, value) }
          : { method, path: `${path}?${name}=${value}` };
      };
      return { label: `${method} ${path} ${place} ${name}`, place, schema: typeOf(schema), request };
    });
}

function fieldsOf(document, path, method, { requestBody }) {
  return Object.entries(requestBody?.content ?? {}).flatMap(([type, { schema }]) => {
    const { properties } = document.components.schemas[schema.$ref.split('/').at(-1)];
    const names = Object.keys(properties).filter((name) => typeOf(properties[name]).type === 'string');
    return names.map((name) => ({
      label: `${method} ${path} ${name}`,
      place: 'body',
      schema: typeOf(properties[name]),
      request: (text) => {
        const body = Object.fromEntries(names.map((other) => [other, properties[other].examples?.[0] ?? 'x']));
        return { method, path, headers: { 'content-type': type }, body: encode(type, { ...body, [name]: text }) };
      },
    }));
  });
}

/** Whether the operation requires a token. */
function needsToken({ security = [{}] }) {
  return security.every((scheme) => Object.keys(scheme).length > 0);
}

/** The alternative of the schema that is not null. */
function typeOf({ anyOf, ...schema }) {
  return anyOf?.find(({ type }) => type !== 'null') ?? schema;
}

function encode(type, fields) {
  return type === 'application/json' ? JSON.stringify(fields) : new URLSearchParams(fields).toString();
}

function headerInputs(name) {
  return READERS.map(({ headers, ...request }) => ({
    label: `${request.method} ${request.path} header ${name}`,
    place: 'header',
    request: (text) => ({ ...request, headers: { ...headers, [name]: text } }),
  }));
}

function unknownPaths() {
  return ['GET', 'POST'].map((method) => ({
    label: `${method} a path`,
    place: 'path',
    request: (text) => ({ method, path: `/api/v1/${encodeURIComponent(text)}/` }),
  }));
}

/** Combining marks in the order that is most expensive to normalise. */
const marks = (count) => `a${'\u0315'.repeat(count)}${'\u0300'.repeat(count)}`;

/** @returns the most expensive strings for the input, each of the maximum accepted length */
export function worstTexts({ place }) {
  if (place === 'header') return headerTexts();
  const bytes = place === 'body' ? BODY_BYTES : HEADER_BYTES / 3;
  const mark = Math.floor(bytes / 4);
  return [
    marks(mark),
    `john${marks(mark)}`,
    `${marks(mark / 2)}@example.com`,
    `a@${marks(mark / 2)}.com`,
    `a@${'<\u0338'.repeat(mark)}`,
    '\ufdfa'.repeat(bytes / 3),
    'A'.repeat(bytes),
    '1'.repeat(bytes),
    `${' '.repeat(bytes - 1)}x`,
    `1${'_1'.repeat(bytes / 2 - 1)}x`,
    `a@${'b.'.repeat(bytes / 2 - 1)}`,
    '"\\'.repeat(bytes / 4),
    `xn--${'a'.repeat(bytes - 4)}`,
  ];
}

function headerTexts() {
  return [
    'a'.repeat(HEADER_BYTES),
    `Bearer ${'a'.repeat(HEADER_BYTES - 7)}`,
    `Bearer ${' '.repeat(HEADER_BYTES - 8)}x`,
    `${'a.'.repeat(HEADER_BYTES / 2 - 1)}a`,
    `application/problem+json;q=${' '.repeat(HEADER_BYTES - 50)}x`,
    `application/problem+json,${'"\\'.repeat(HEADER_BYTES / 2 - 20)}`,
    `de${'-a'.repeat(HEADER_BYTES / 2 - 2)}`,
    `de;${' '.repeat(HEADER_BYTES - 8)};q=1`,
    `refresh_token=${'a'.repeat(HEADER_BYTES - 14)}`,
  ];
}
