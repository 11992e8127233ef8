import type { JsonSchema } from '../../src/fastapi/validation/model.js';

/** The parts of a request and its response that variables depend on. */
export interface Exchange {
  /** The OpenAPI path. */
  path: string;
  /** Whether the operation takes an access token. */
  secured: boolean;
  /** The properties that the body may have. */
  fields: string[];
  /** The properties of a successful JSON answer. */
  answered: string[];
}

export interface PostmanVariable {
  key: string;
  value: string;
  type: 'string';
}

export const variable = (key: string, value: string): PostmanVariable => ({ key, value, type: 'string' });

const KEEP_TOKENS = [
  'const { access_token, refresh_token } = pm.response.json();',
  "if (access_token) pm.collectionVariables.set('token', access_token);",
  "if (refresh_token) pm.collectionVariables.set('refresh_token', refresh_token);",
];

/** Fields of a body whose value comes from a variable instead of the example. */
const SENT_FROM = { refresh_token: 'refresh_token', password: 'password', current_password: 'password' };

/** The script that runs after the response and stores values for other requests in variables; may be empty. */
export function keepingScript(exchange: Exchange, listed: string | undefined): string[] {
  if (exchange.answered.includes('access_token')) return KEEP_TOKENS;
  const password = passwordSetBy(exchange);
  if (password !== undefined) {
    const kept = `JSON.parse(pm.request.body.raw).${password}`;
    return [`if (pm.response.code < 300) pm.collectionVariables.set('password', ${kept});`];
  }
  if (listed === undefined) return [];
  // Never the current session.
  return [
    'const other = (pm.response.json().items ?? []).filter(({ current }) => !current).at(-1);',
    `if (other) pm.collectionVariables.set('${listed}', String(other.id));`,
  ];
}

/** The example of a body, with variables for values of other requests. */
export function exampleWithVariables(exchange: Exchange, example: JsonSchema): JsonSchema {
  const fixed = passwordSetBy(exchange);
  const entries = Object.entries(example).map(([field, value]) => {
    const name = field === fixed ? undefined : SENT_FROM[field as keyof typeof SENT_FROM];
    return [field, name === undefined ? value : `{{${name}}}`];
  });
  return Object.fromEntries(entries) as JsonSchema;
}

/** The field of the body that sets the account's password. */
export function passwordSetBy({ secured, fields, answered }: Exchange): string | undefined {
  if (fields.includes('new_password')) return 'new_password';
  return !secured && fields.includes('password') && !answered.includes('access_token') ? 'password' : undefined;
}

/** The path parameter that a list can fill: `session_id` for `/sessions` if `/sessions/{session_id}` exists. */
export function parameterBelow(path: string, paths: string[]): string | undefined {
  const below = paths.find((other) => other.startsWith(`${path}/{`) && other.indexOf('}') === other.length - 1);
  return below?.slice(path.length + 2, -1);
}
