import http from 'node:http';

export interface Sent {
  method?: string;
  headers?: Record<string, string | string[]>;
  /** An object is sent as JSON, URLSearchParams as a form. */
  body?: string | Buffer | URLSearchParams | object;
  token?: string;
  /** Local address to send from, any of 127.0.0.0/8 on Linux. For the service each address is another client. */
  from?: string;
}

export interface Received<Body = unknown> {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  /** The parsed JSON, or undefined if the text is not JSON. */
  body: Body;
}

let clients = 0;

/** A local address that no other test of this process uses. */
export function anotherClient(): string {
  clients += 1;
  return `127.1.${clients >> 8}.${clients & 255}`;
}

/** Sends a request on a new connection. Adds only Host, Content-Length and the headers of `body` and `token`. */
export async function send<Body = Record<string, unknown>>(
  base: string,
  path: string,
  { method, headers = {}, body, token, from }: Sent = {},
): Promise<Received<Body>> {
  const { payload, contentType } = encode(body);
  const url = new URL(base);
  return new Promise((resolve, reject) => {
    const request = http.request({
      // A URL writes an IPv6 address in brackets.
      host: url.hostname.replace(/^\[(.+)\]$/, '$1'),
      port: url.port,
      method: method ?? (payload ? 'POST' : 'GET'),
      path,
      agent: false,
      ...(from ? { localAddress: from } : {}),
      headers: {
        ...(contentType ? { 'content-type': contentType } : {}),
        ...(payload ? { 'content-length': payload.length } : {}),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(received(response, Buffer.concat(chunks).toString())));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(payload);
  });
}

function encode(body: Sent['body']): { payload?: Buffer; contentType?: string } {
  if (body === undefined) return {};
  if (Buffer.isBuffer(body)) return { payload: body };
  if (typeof body === 'string') return { payload: Buffer.from(body) };
  if (body instanceof URLSearchParams) {
    return { payload: Buffer.from(body.toString()), contentType: 'application/x-www-form-urlencoded' };
  }
  return { payload: Buffer.from(JSON.stringify(body)), contentType: 'application/json' };
}

function received<Body>(response: http.IncomingMessage, text: string): Received<Body> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return { status: response.statusCode ?? 0, headers: response.headers, text, body: body as Body };
}
