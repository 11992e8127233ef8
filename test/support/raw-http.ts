import net from 'node:net';

/** A response as received, one character per byte. */
interface RawAnswer {
  status: number;
  /** Keyed by lower-case name. */
  headers: Record<string, string>;
  text: string;
}

export interface RawExchange extends RawAnswer {
  /** All responses in order; the first is this exchange itself. */
  answers: RawAnswer[];
  /** Whether the server closed the connection. */
  closed: boolean;
}

const NONE: RawAnswer = { status: 0, headers: {}, text: '' };
const PATIENCE_MS = 5000;

/**
 * Sends raw bytes, one per character. Resolves when the server closes the connection, or after `expected` responses if the
 * last one has no `Connection: close`.
 */
export async function sendRaw(base: string, request: string, { expected = 1 } = {}): Promise<RawExchange> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname);
    let received = '';
    const finish = (closed: boolean): void => {
      socket.destroy();
      const answers = answersIn(received, request.startsWith('HEAD'));
      resolve({ ...(answers[0] ?? NONE), answers, closed });
    };
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const answers = answersIn(received, request.startsWith('HEAD'));
      if (answers.length >= expected && answers.at(-1)?.headers.connection !== 'close') finish(false);
    });
    socket.on('end', () => finish(true));
    socket.setTimeout(PATIENCE_MS, () => finish(false));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? finish(true) : reject(error),
    );
    socket.write(Buffer.from(request, 'latin1'));
  });
}

/** The complete responses; all of ours have a Content-Length. */
function answersIn(received: string, isHead: boolean): RawAnswer[] {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return [];
  const [statusLine = '', ...lines] = received.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(lines.map(splitHeader));
  const next = end + 4 + (isHead ? 0 : Number(headers['content-length'] ?? 0));
  if (received.length < next) return [];
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1] ?? 0);
  return [{ status, headers, text: received.slice(end + 4, next) }, ...answersIn(received.slice(next), isHead)];
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
