import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { type OpenApi, type Operation, operationsOf } from '../contract/openapi-comparison.js';
import type { Received } from './http-client.js';

/** Statuses that any path may answer before the request reaches an operation. */
const GENERAL = new Set([400, 404, 405, 413, 429, 431]);
const FORMATS = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/,
  email: /@/,
  password: true,
  uri: true,
  'uri-reference': true,
} as const;

/** Compares responses with an OpenAPI document. */
export class OpenApiAnswers {
  private readonly ajv = new Ajv2020({ strict: false, formats: FORMATS });
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(private readonly document: OpenApi) {
    this.ajv.addSchema(document, 'openapi');
  }

  /** @returns the first difference between a response and the document, or undefined */
  complaint(method: string, path: string, answer: Received): string | undefined {
    const { status, headers, text, body } = answer;
    if (status >= 500 && !(status === 503 && headers['retry-after'])) return `a ${status}`;
    if (headers['x-request-id'] === undefined) return 'no X-Request-ID';
    if (method === 'HEAD' || status === 307) return text === '' ? undefined : 'a forbidden body';
    if (this.isEmpty(method, path, status)) return text === '' ? undefined : 'an undocumented body';
    const type = headers['content-type'] ?? '';
    const reference = this.schemaOf(method, path, status, type);
    if (reference === undefined) return `${status} ${type} is not documented`;
    if (body === undefined) return `a body that is not JSON: ${text.slice(0, 80)}`;
    const validate = this.validatorOf(reference);
    return validate(body)
      ? undefined
      : `${reference}: ${this.ajv.errorsText(validate.errors)} in ${text.slice(0, 200)}`;
  }

  private schemaOf(method: string, path: string, status: number, type: string): string | undefined {
    const content = this.operationOf(method, path)?.responses[status]?.content as
      Record<string, { schema: { $ref: string } }> | undefined;
    if (content) return content[type]?.schema.$ref;
    if (!GENERAL.has(status)) return undefined;
    const name = { 'application/json': 'HTTPError', 'application/problem+json': 'Problem' }[type];
    return name && `#/components/schemas/${name}`;
  }

  /** Whether this is a success without content, such as 204. */
  private isEmpty(method: string, path: string, status: number): boolean {
    const response = this.operationOf(method, path)?.responses[status];
    return status < 300 && response !== undefined && response.content === undefined;
  }

  private operationOf(method: string, path: string): Operation | undefined {
    const [asked = ''] = path.split('?');
    return operationsOf(this.document).find(
      ([known, verb]) => verb.toUpperCase() === method && matches(known, asked),
    )?.[2];
  }

  private validatorOf(reference: string): ValidateFunction {
    const known = this.validators.get(reference) ?? this.ajv.compile({ $ref: `openapi${reference}` });
    this.validators.set(reference, known);
    return known;
  }
}

/** Whether a path matches a template such as `/things/{thing_id}`. */
function matches(template: string, path: string): boolean {
  const [parts, asked] = [template.split('/'), path.split('/')];
  return (
    parts.length === asked.length && parts.every((part, at) => (part.startsWith('{') ? asked[at] : part === asked[at]))
  );
}
