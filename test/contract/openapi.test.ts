import { Ajv2020 } from 'ajv/dist/2020.js';
import { errorCatalogue } from '../../src/platform/http/error-catalogue.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import {
  ADDED_TOKEN_FIELDS,
  asFastApiWouldHave,
  type Json,
  type OpenApi,
  type Operation,
  operationsOf,
  recordedDocument,
  referencesIn,
  schemaAsFastApiWouldHave,
} from './openapi-comparison.js';
import { OPENAPI_3_1 } from './openapi-structure.js';

const fastApi = recordedDocument('fastapi-openapi.json');

/** No route of the service requires a permission yet; permissions.test.ts covers this error. */
const UNUSED = new Set(['auth.permission_denied']);

describe('GET /openapi.json', () => {
  let app: TestApp;
  let document: OpenApi;

  beforeAll(async () => {
    app = await TestApp.start();
    const answer = await send<OpenApi>(app.url, '/openapi.json');
    document = answer.body;
  });
  afterAll(() => app.stop());

  const validator = (): Ajv2020 => {
    const ajv = new Ajv2020({ allErrors: true, validateFormats: false, strictTypes: false });
    ajv.addKeyword('example');
    return ajv;
  };
  /** A schema together with the components that its references point to. */
  const standalone = (schema: Json): Json => ({ ...schema, components: document.components });

  describe('matches the document of the FastAPI service', () => {
    it.each(operationsOf(fastApi).map(([path, method]) => [method, path]))('in the operation %s %s', (method, path) => {
      const operation = document.paths[path]?.[method];
      expect(operation && asFastApiWouldHave(operation)).toEqual(fastApi.paths[path]?.[method]);
    });

    it.each(Object.keys(fastApi.components.schemas))('in the schema %s', (name) => {
      const schema = document.components.schemas[name] ?? { properties: {} };
      const recorded = fastApi.components.schemas[name];
      expect(schemaAsFastApiWouldHave(schema)).toEqual(recorded);
      const order = Object.keys(schema.properties).filter((property) => !ADDED_TOKEN_FIELDS.includes(property));
      expect(order).toEqual(Object.keys(recorded?.properties ?? {}));
    });

    it('in its top-level keys, without servers, tags or contact', () => {
      const { openapi, info, paths, components, ...more } = document;
      expect({ openapi, info }).toEqual({ openapi: '3.1.0', info: { title: 'FastAPI Backend', version: '1.0.0' } });
      expect(Object.keys(document)).toEqual(['openapi', 'info', 'paths', 'components']);
      expect(Object.keys(components)).toEqual(['schemas', 'securitySchemes']);
      expect(more).toEqual({});
      const known = Object.keys(paths).filter((path) => path in fastApi.paths);
      expect(known).toEqual(Object.keys(fastApi.paths));
    });

    it('in its security scheme, which comes first', () => {
      const [name, scheme] = Object.entries(document.components.securitySchemes)[0] ?? [];
      expect({ [String(name)]: scheme }).toEqual(fastApi.components.securitySchemes);
    });
  });

  it('uses the tags auth and users in this order', () => {
    const tags = operationsOf(document).flatMap(([, , operation]) => operation.tags ?? []);
    expect([...new Set(tags)]).toEqual(['auth', 'users']);
  });

  it('does not list pages and health probes', () => {
    for (const path of ['/', '/health', '/docs', '/redoc', '/openapi.json', '/docs/oauth2-redirect']) {
      expect(document.paths).not.toHaveProperty([path]);
    }
  });

  it('sorts its schemas by name', () => {
    const names = Object.keys(document.components.schemas);
    expect(names).toEqual(names.toSorted());
  });

  it('documents 422 for every operation with a parameter or a body, and only for these', () => {
    for (const [, , { responses, parameters, requestBody }] of operationsOf(document)) {
      expect('422' in responses).toBe(Boolean(parameters ?? requestBody));
    }
  });

  describe('documents errors', () => {
    const PROBLEM = 'application/problem+json';
    const BODY = ['http.unreadable_body', 'http.payload_too_large', 'validation.failed', 'rate_limit.exceeded'];
    const SIGN_IN = [
      ...BODY,
      'auth.invalid_credentials',
      'auth.inactive_user',
      'auth.overloaded',
      'database.unavailable',
    ];

    interface Content {
      schema: { $ref: string };
      examples?: Record<string, { value: Json }>;
    }

    /** Status, content and headers of every error response. */
    const errorsOf = ({ responses }: Operation): [status: string, content: Record<string, Content>, headers: Json][] =>
      Object.entries(responses)
        .filter(([status]) => Number(status) >= 400)
        .map(([status, { content, headers }]) => [status, content as Record<string, Content>, (headers ?? {}) as Json]);

    it.each([
      [
        '/api/v1/auth/register',
        'post',
        [...BODY, 'users.username_taken', 'users.email_taken', 'auth.overloaded', 'database.unavailable'],
      ],
      ['/api/v1/auth/login', 'post', SIGN_IN],
      ['/api/v1/auth/login-json', 'post', SIGN_IN],
      [
        '/api/v1/users/me',
        'get',
        ['auth.not_authenticated', 'auth.invalid_token', 'database.unavailable', 'rate_limit.exceeded'],
      ],
    ])('of %s by their codes', (path, method, codes) => {
      const operation = document.paths[path]?.[method] as Operation;
      const documented = errorsOf(operation).flatMap(([, content]) => Object.keys(content[PROBLEM]?.examples ?? {}));
      expect(documented).toEqual(expect.arrayContaining(codes));
    });

    it('in both formats, with a valid example of each code', () => {
      for (const [, , operation] of operationsOf(document)) {
        for (const [status, content] of errorsOf(operation)) {
          expect(Object.keys(content)).toEqual(['application/json', PROBLEM]);
          for (const { schema, examples = {} } of Object.values(content)) {
            const validate = validator()
              .addVocabulary(['components'])
              .compile(standalone({ ...schema }));
            for (const { value } of Object.values(examples)) expect([value, validate(value)]).toEqual([value, true]);
          }
          for (const [code, { value }] of Object.entries(content[PROBLEM]?.examples ?? {})) {
            expect(value).toMatchObject({ code, status: Number(status), type: `/docs/errors#${code}` });
          }
        }
      }
    });

    it('with WWW-Authenticate and Retry-After', () => {
      for (const [, , operation] of operationsOf(document)) {
        for (const [status, , headers] of errorsOf(operation)) {
          if (status === '401') expect(headers).toHaveProperty('WWW-Authenticate');
          if (status === '429' || status === '503') expect(headers).toHaveProperty('Retry-After');
        }
      }
    });

    it('of every feature, each for some operation', () => {
      const anywhere = operationsOf(document).flatMap(([, , operation]) =>
        errorsOf(operation).flatMap(([, content]) => Object.keys(content[PROBLEM]?.examples ?? {})),
      );
      // Errors with the prefix http. are not specific to an operation.
      const features = errorCatalogue().filter(({ code }) => !code.startsWith('http.') && !UNUSED.has(code));
      for (const { code } of features) expect(anywhere).toContain(code);
    });

    it('with the description and detail of the catalogue', () => {
      expect(document.paths['/api/v1/auth/register']?.post?.responses['400']).toMatchObject({
        description: expect.stringContaining('- `users.email_taken`: Another account has this e-mail address'),
        content: {
          'application/json': {
            examples: { 'users.username_taken': { value: { detail: 'Username already registered' } } },
          },
        },
      });
    });
  });

  it('accepts a token by two security schemes', () => {
    expect(document.components.securitySchemes.HTTPBearer).toMatchObject({ type: 'http', scheme: 'bearer' });
    const { security } = document.paths['/api/v1/users/me']?.get ?? {};
    expect(security).toEqual([{ OAuth2PasswordBearer: [] }, { HTTPBearer: [] }]);
  });

  it('makes the access token optional for logout', () => {
    const { security } = document.paths['/api/v1/auth/logout']?.post ?? {};
    expect(security).toEqual([{ OAuth2PasswordBearer: [] }, { HTTPBearer: [] }, {}]);
  });

  it('describes all parameters except session_id', () => {
    const parameters = operationsOf(document).flatMap(([, , operation]) => operation.parameters ?? []);
    expect(parameters.length).toBeGreaterThan(10);
    for (const { name, description } of parameters) {
      if (name !== 'session_id') expect([name, description]).toEqual([name, expect.stringMatching(/\.$/)]);
    }
  });

  it('is valid OpenAPI 3.1', () => {
    const validate = validator().compile(OPENAPI_3_1);
    validate(document);
    expect(validate.errors).toBeNull();
  });

  it('has valid JSON Schemas whose references resolve', () => {
    const references = referencesIn(document);
    expect(references.length).toBeGreaterThan(10);
    for (const reference of references) {
      const name = /^#\/components\/schemas\/(\w+)$/.exec(reference)?.[1] ?? reference;
      expect(document.components.schemas).toHaveProperty([name]);
    }
    for (const schema of Object.values(document.components.schemas)) {
      expect(() => validator().addVocabulary(['components']).compile(standalone(schema))).not.toThrow();
    }
  });

  it('gives every operation a unique id', () => {
    const ids = operationsOf(document).map(([, , { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('gives every schema valid examples', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      // FastAPI's wrapper; the entries in it have their own example.
      if (name === 'HTTPValidationError') continue;
      const examples = (schema.examples ?? []) as Json[];
      expect([name, examples.length]).not.toEqual([name, 0]);
      const validate = validator().addVocabulary(['components']).compile(standalone(schema));
      for (const example of examples) expect([name, validate(example), validate.errors]).toEqual([name, true, null]);
    }
  });
});
