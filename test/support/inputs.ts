import { send, type Received, type Sent } from './http-client.js';

/** Every field of every route that takes a JSON body. */
export const JSON_FIELDS: readonly [path: string, field: string][] = [
  ['/api/v1/auth/register', 'username'],
  ['/api/v1/auth/register', 'password'],
  ['/api/v1/auth/register', 'email'],
  ['/api/v1/auth/login-json', 'username'],
  ['/api/v1/auth/login-json', 'password'],
];

export const FORM_FIELDS = ['grant_type', 'username', 'password', 'scope', 'client_id', 'client_secret'] as const;

const VALID: Readonly<Record<string, string>> = { username: 'somebody', password: 'secure123', grant_type: 'password' };

/** Sends JSON text unchanged. */
export async function sendJson(base: string, path: string, text: string | Buffer, sent: Sent = {}): Promise<Received> {
  return send(base, path, { ...sent, body: text, headers: { 'content-type': 'application/json', ...sent.headers } });
}

/** Sends a urlencoded form unchanged. */
export async function sendForm(base: string, text: string | Buffer): Promise<Received> {
  return send(base, '/api/v1/auth/login', {
    body: text,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
}

/** A JSON object with valid values, except for one field, whose value is JSON text. */
export function jsonWith(field: string, value: string): string {
  const { username, password } = VALID;
  return `{${Object.entries({ username, password, [field]: value })
    .map(([name, text]) => `"${name}":${name === field ? value : JSON.stringify(text)}`)
    .join(',')}}`;
}

/** A form with valid values, except for one field, whose value is already urlencoded. */
export function formWith(field: string, value: string): string {
  const { username, password } = VALID;
  return Object.entries({ username, password, [field]: value })
    .map(([name, text]) => `${name}=${text}`)
    .join('&');
}

/** Sends such a form as multipart; each character of the value is one byte. */
export async function sendMultipart(base: string, field: string, value: string): Promise<Received> {
  const { username, password } = VALID;
  const parts = Object.entries({ username, password, [field]: value }).map(
    ([name, text]) => `--X\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`,
  );
  const headers = { 'content-type': 'multipart/form-data; boundary=X' };
  return send(base, '/api/v1/auth/login', { body: Buffer.from(`${parts.join('')}--X--`, 'latin1'), headers });
}
