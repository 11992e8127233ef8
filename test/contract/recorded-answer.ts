import type { IncomingHttpHeaders } from 'node:http';
import type { Received } from '../support/http-client.js';

/** A request to the FastAPI service, and its response. */
export interface RecordedRequest {
  name: string;
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** `text` if the body is compared as text, even if it is JSON. */
  body_kind?: string;
  /** Fields of the response that later requests refer to as `{{name}}`. */
  save?: Record<string, string>;
  response: { status: number; headers: Record<string, string>; body: unknown };
}

/** A response whose server-specific values are replaced by placeholders, as in the recording. */
export interface ComparableAnswer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** Headers that clients depend on; the others may differ. */
const COMPARED = [
  'content-type',
  'www-authenticate',
  'allow',
  'location',
  'vary',
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-max-age',
];

/** Headers with lists that later features may extend: the recorded members must be included. */
const LISTS = new Set(['vary', 'allow', 'access-control-allow-headers', 'access-control-allow-methods']);

export function comparable(received: Received, { body_kind: kind }: RecordedRequest, base: string): ComparableAnswer {
  const json = kind === 'text' ? undefined : received.body;
  return {
    status: received.status,
    headers: comparableHeaders(received.headers, base),
    body: json === undefined ? received.text : withPlaceholders(json),
  };
}

function comparableHeaders(headers: IncomingHttpHeaders, base: string): Record<string, string> {
  const kept = COMPARED.flatMap((name) =>
    headers[name] === undefined ? [] : [[name, String(headers[name])] as const],
  );
  const compared = Object.fromEntries(kept.map(([name, value]) => [name, value.replace(base, '{base}')]));
  if (compared['access-control-allow-origin'] !== undefined) return compared;
  // Without Access-Control-Allow-Origin a browser ignores the other CORS headers.
  return Object.fromEntries(Object.entries(compared).filter(([name]) => !name.startsWith('access-control-')));
}

function withPlaceholders(json: unknown): unknown {
  if (!isObject(json)) return json;
  const body = { ...json };
  if ('created_at' in body) body.created_at = '<timestamp>';
  if (Number.isInteger(body.id)) body.id = '<integer>';
  if (typeof body.access_token === 'string') body.access_token = '<jwt>';
  return body;
}

/** The differences between a response and the recorded one. */
export function differences(answer: ComparableAnswer, { response }: RecordedRequest): string[] {
  const found: string[] = [];
  if (answer.status !== response.status) found.push(`status ${answer.status}, recorded ${response.status}`);
  for (const [name, recorded] of Object.entries(response.headers)) {
    const value = answer.headers[name];
    if (!sameHeader(name, value, recorded)) found.push(`${name}: ${value}, recorded ${recorded}`);
  }
  const origin = answer.headers['access-control-allow-origin'];
  if (origin !== undefined && response.headers['access-control-allow-origin'] === undefined) {
    found.push(`access-control-allow-origin: ${origin}, recorded none`);
  }
  const mayHaveMore = response.status < 400 && isObject(response.body);
  const same = mayHaveMore ? contains(answer.body, response.body) : equal(answer.body, response.body);
  if (!same) found.push(`body ${JSON.stringify(answer.body)}, recorded ${JSON.stringify(response.body)}`);
  return found;
}

function sameHeader(name: string, value: string | undefined, recorded: string): boolean {
  if (!LISTS.has(name)) return value === recorded;
  const members = membersOf(value ?? '');
  return membersOf(recorded).every((member) => members.includes(member));
}

function membersOf(list: string): string[] {
  return list.toLowerCase().split(/,\s*/);
}

/** Whether the value has every key of the recorded object with its value; it may have more. */
function contains(value: unknown, recorded: unknown): boolean {
  if (!isObject(recorded)) return equal(value, recorded);
  return isObject(value) && Object.entries(recorded).every(([key, part]) => contains(value[key], part));
}

/** Compares as text, so the order of keys counts. */
function equal(value: unknown, recorded: unknown): boolean {
  return JSON.stringify(value) === JSON.stringify(recorded);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether JSON has no whitespace between its tokens, since clients' shell scripts parse it with grep. */
export function isCompact(json: string): boolean {
  return !/\s/.test(json.replace(/"(?:[^"\\]|\\.)*"/gs, '""'));
}
