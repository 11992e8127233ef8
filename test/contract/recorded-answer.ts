import type { IncomingHttpHeaders } from 'node:http';
import type { Received } from '../support/http-client.js';

/** A request that was sent to the FastAPI service, and what it answered. */
export interface RecordedRequest {
  name: string;
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** `text` where the body is compared as it stands, even if it looks like JSON. */
  body_kind?: string;
  /** Fields of the answer that later requests refer to as `{{name}}`. */
  save?: Record<string, string>;
  response: { status: number; headers: Record<string, string>; body: unknown };
}

/** An answer with what differs between two servers replaced by placeholders, as the recording has them. */
export interface ComparableAnswer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** Headers that a client of the service can tell apart; the others are the server's own business. */
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

/** Lists, of which later features may add members: what was recorded must be among them. */
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
  // Without an allowed origin a browser reads none of its companions.
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

/** Every way in which an answer is not the recorded one; none for one that is. */
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
  const maySayMore = response.status < 400 && isObject(response.body);
  const same = maySayMore ? contains(answer.body, response.body) : equal(answer.body, response.body);
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

/** Every key of the recorded object is there with its value; more are welcome. */
function contains(value: unknown, recorded: unknown): boolean {
  if (!isObject(recorded)) return equal(value, recorded);
  return isObject(value) && Object.entries(recorded).every(([key, part]) => contains(value[key], part));
}

/** Keys in order, as text. */
function equal(value: unknown, recorded: unknown): boolean {
  return JSON.stringify(value) === JSON.stringify(recorded);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON without a blank between its tokens: shell scripts in the field cut it with grep. */
export function isCompact(json: string): boolean {
  return !/\s/.test(json.replace(/"(?:[^"\\]|\\.)*"/gs, '""'));
}
