import type { JsonSchema } from '../../src/fastapi/validation/model.js';

/** What a request of a collection is made of, as far as variables go. */
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

/** What a request sends from a variable instead of the example, by the field of its body. */
const SENT_FROM = { refresh_token: 'refresh_token', password: 'password', current_password: 'password' };

/** The script that runs after the answer and keeps in variables what other requests send; empty when there is nothing to keep. */
export function keepingScript(exchange: Exchange, listed: string | undefined): string[] {
  if (exchange.answered.includes('access_token')) return KEEP_TOKENS;
  const password = passwordSetBy(exchange);
  if (password !== undefined) {
    const kept = `JSON.parse(pm.request.body.raw).${password}`;
    return [`if (pm.response.code < 300) pm.collectionVariables.set('password', ${kept});`];
  }
  if (listed === undefined) return [];
  // Never the session that asks.
  return [
    'const other = (pm.response.json().items ?? []).filter(({ current }) => !current).at(-1);',
    `if (other) pm.collectionVariables.set('${listed}', String(other.id));`,
  ];
}

/** The example of a body, with variables where another request decides. */
export function exampleWithVariables(exchange: Exchange, example: JsonSchema): JsonSchema {
  const fixed = passwordSetBy(exchange);
  const entries = Object.entries(example).map(([field, value]) => {
    const name = field === fixed ? undefined : SENT_FROM[field as keyof typeof SENT_FROM];
    return [field, name === undefined ? value : `{{${name}}}`];
  });
  return Object.fromEntries(entries) as JsonSchema;
}

/** The field of the body that is the account's password from then on. */
export function passwordSetBy({ secured, fields, answered }: Exchange): string | undefined {
  if (fields.includes('new_password')) return 'new_password';
  return !secured && fields.includes('password') && !answered.includes('access_token') ? 'password' : undefined;
}

/** `session_id` for `/sessions` where there is `/sessions/{session_id}`: what the list fills in there. */
export function parameterBelow(path: string, paths: string[]): string | undefined {
  const below = paths.find((other) => other.startsWith(`${path}/{`) && other.indexOf('}') === other.length - 1);
  return below?.slice(path.length + 2, -1);
}
