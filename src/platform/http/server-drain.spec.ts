import { EventEmitter, once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { until } from '../../../test/support/until.js';
import { interrupted } from './http.errors.js';
import { ServerDrain } from './server-drain.js';

/** Requests that wait for the test to answer them. */
let waiting: ServerResponse[] = [];
let server: Server;
let drain: ServerDrain;

const port = (): number => (server.address() as AddressInfo).port;

async function ask(): Promise<IncomingMessage> {
  const [answer] = (await once(get({ port: port(), agent: false }), 'response')) as [IncomingMessage];
  answer.resume();
  return answer;
}

/** Sends a request that reaches the server and is not answered yet. */
async function askAndWait(): Promise<{ answer: Promise<IncomingMessage>; response: ServerResponse }> {
  const answer = ask();
  const [, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  return { answer, response };
}

beforeEach(async () => {
  waiting = [];
  server = createServer((_request, response) => waiting.push(response));
  drain = new ServerDrain(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => server.close());

/** More bytes than the buffers of the kernel hold. */
const ANSWER = Buffer.alloc(20_000_000);
const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Blocks the whole process, timers and sockets included. */
function blockEventLoop(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

const PATIENT = { delayMs: 0, totalMs: 30_000, refusal: interrupted };

describe('ServerDrain', () => {
  it('waits for the requests in flight, and closes their connections', async () => {
    const { answer, response } = await askAndWait();
    expect(drain.requestsInFlight).toBe(1);
    const closed = jest.fn();
    const drained = drain.drain({ ...PATIENT, onClosed: closed });
    response.end();
    expect((await answer).headers.connection).toBe('close');
    expect(await drained).toBe(0);
    expect(closed).toHaveBeenCalledTimes(1);
    expect(drain.requestsInFlight).toBe(0);
  });

  it('accepts connections during the delay', async () => {
    const drained = drain.drain({ ...PATIENT, delayMs: 500 });
    const { answer, response } = await askAndWait();
    response.end();
    expect((await answer).headers.connection).toBe('close');
    expect(await drained).toBe(0);
  });

  it('does not wait for unused connections', async () => {
    const unused = net.connect(port(), '127.0.0.1');
    const [connection] = (await once(server, 'connection')) as [net.Socket];
    const gone = once(unused, 'close');
    expect(await drain.drain(PATIENT)).toBe(0);
    await gone;
    expect(connection.bytesRead).toBe(0);
  });

  it('does not treat a connection as idle while a request on it is unread', async () => {
    const client = net.connect(port(), '127.0.0.1');
    client.write(REQUEST);
    const received = text(client);
    const [, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
    // From here on the client believes that the connection will be kept.
    response.flushHeaders();
    const closing = new EventEmitter();
    const drained = drain.drain({ ...PATIENT, onClosed: () => closing.emit('closed') });
    await once(closing, 'closed');
    response.end();
    await once(response, 'close');
    server.once('request', (_request, second: ServerResponse) => second.end());
    client.write(REQUEST);
    blockEventLoop(300);
    expect((await received).match(/200 OK/g)).toHaveLength(2);
    expect(await drained).toBe(0);
  });

  it('refuses requests that do not finish in time, and cuts their connections', async () => {
    const { answer } = await askAndWait();
    expect(await drain.drain({ ...PATIENT, totalMs: 0 })).toBe(1);
    const { statusCode, headers } = await answer;
    expect([statusCode, headers.connection, headers['retry-after']]).toEqual([503, 'close', '1']);
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('cuts a response that has begun', async () => {
    const { answer, response } = await askAndWait();
    response.writeHead(200, { 'content-length': 5 }).write('abc');
    const begun = await answer;
    const cut = once(begun, 'error');
    expect(await drain.drain({ ...PATIENT, totalMs: 0 })).toBe(1);
    expect((await cut)[0]).toMatchObject({ code: 'ECONNRESET' });
  });

  describe('with a client that does not read', () => {
    let client: net.Socket;
    let connection: net.Socket;

    beforeEach(async () => {
      server.on('request', (_request, response: ServerResponse) => response.end(ANSWER));
      client = net.connect(port(), '127.0.0.1').on('error', () => undefined);
      client.write(REQUEST);
      [connection] = (await once(server, 'connection')) as [net.Socket];
      await until(() => connection.writableNeedDrain);
    });
    afterEach(() => client.destroy());

    it('waits until the client has read the response', async () => {
      let received = 0;
      const onClosed = () => client.on('data', ({ length }) => (received += length));
      const ended = once(client, 'end');
      expect(await drain.drain({ ...PATIENT, onClosed })).toBe(0);
      await ended;
      expect(received).toBeGreaterThan(ANSWER.length);
    });

    it('cuts the connection when the time has passed', async () => {
      const closed = once(server, 'close');
      expect(await drain.drain({ ...PATIENT, totalMs: 0 })).toBe(1);
      await closed;
    });
  });
});
