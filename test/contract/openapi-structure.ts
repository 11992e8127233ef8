import type { Json } from './openapi-comparison.js';

const text = { type: 'string', minLength: 1 };
const content = {
  type: 'object',
  minProperties: 1,
  additionalProperties: {
    type: 'object',
    required: ['schema'],
    properties: { schema: { type: 'object' }, example: {}, examples: { type: 'object' } },
    additionalProperties: false,
  },
};

/**
 * A JSON Schema for the objects of the OpenAPI Specification 3.1.0 (section 4.8) that our document uses: their required
 * keys, no unknown keys, and the syntax of names.
 */
export const OPENAPI_3_1: Json = {
  type: 'object',
  required: ['openapi', 'info', 'paths'],
  properties: {
    openapi: { const: '3.1.0' },
    info: {
      type: 'object',
      required: ['title', 'version'],
      properties: { title: text, version: text },
      additionalProperties: false,
    },
    paths: {
      type: 'object',
      propertyNames: { pattern: '^/' },
      additionalProperties: {
        type: 'object',
        propertyNames: { enum: ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] },
        additionalProperties: { $ref: '#/$defs/operation' },
      },
    },
    components: {
      type: 'object',
      properties: {
        schemas: { type: 'object', propertyNames: { pattern: '^[a-zA-Z0-9._-]+$' } },
        securitySchemes: { type: 'object', additionalProperties: { $ref: '#/$defs/securityScheme' } },
      },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
  $defs: {
    operation: {
      type: 'object',
      required: ['responses', 'operationId'],
      properties: {
        tags: { type: 'array', items: text },
        summary: text,
        description: text,
        operationId: { type: 'string', pattern: '^\\w+$' },
        parameters: { type: 'array', items: { $ref: '#/$defs/parameter' }, uniqueItems: true },
        requestBody: {
          type: 'object',
          required: ['content'],
          properties: { content, required: { type: 'boolean' }, description: text },
          additionalProperties: false,
        },
        responses: {
          type: 'object',
          minProperties: 1,
          propertyNames: { pattern: '^([1-5]\\d\\d|default)$' },
          additionalProperties: {
            type: 'object',
            required: ['description'],
            properties: { description: text, content, headers: { type: 'object' } },
            additionalProperties: false,
          },
        },
        deprecated: { type: 'boolean' },
        security: { type: 'array', items: { type: 'object', additionalProperties: { type: 'array', items: text } } },
      },
      additionalProperties: false,
    },
    parameter: {
      type: 'object',
      required: ['name', 'in', 'schema'],
      properties: {
        name: text,
        in: { enum: ['query', 'header', 'path', 'cookie'] },
        description: text,
        required: { type: 'boolean' },
        schema: { type: 'object' },
      },
      additionalProperties: false,
      anyOf: [
        { properties: { in: { not: { const: 'path' } } } },
        { required: ['required'], properties: { required: { const: true } } },
      ],
    },
    securityScheme: {
      type: 'object',
      required: ['type'],
      properties: { type: { enum: ['apiKey', 'http', 'mutualTLS', 'oauth2', 'openIdConnect'] } },
      allOf: [
        { anyOf: [{ properties: { type: { not: { const: 'http' } } } }, { required: ['scheme'] }] },
        {
          anyOf: [
            { properties: { type: { not: { const: 'oauth2' } } } },
            {
              required: ['flows'],
              properties: { flows: { properties: { password: { required: ['tokenUrl', 'scopes'] } } } },
            },
          ],
        },
      ],
    },
  },
};
