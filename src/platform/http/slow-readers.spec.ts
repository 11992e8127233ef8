import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { until } from '../../../test/support/until.js';
import { openConnections } from './open-connections.js';
import { SlowReaders } from './slow-readers.js';

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
/** More than the buffers of the kernel hold. */
const LARGE = Buffer.alloc(30_000_000);

describe('SlowReaders', () => {
  let server: Server;
  let answers: SlowReaders;
  let closed: number;
  let client: net.Socket;

  beforeEach(async () => {
    closed = 0;
    server = createServer((_request, response) => response.end(LARGE));
    openConnections(server);
    answers = new SlowReaders(server, () => (closed += 1));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    client.destroy();
    server.close();
  });

  /** Connects a client that sends a request and does not read the response. */
  async function requestAndPause(): Promise<net.Socket> {
    client = net.connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
    const [connection] = (await once(server, 'connection')) as [net.Socket];
    client.write(REQUEST);
    await until(() => connection.writableNeedDrain);
    return connection;
  }

  it('closes a connection after half a minute without progress', async () => {
    await requestAndPause();
    for (const seconds of [0, 2, 15, 29]) answers.check(seconds * 1000);
    expect(closed).toBe(0);
    const gone = once(client, 'close');
    client.on('data', () => undefined);
    answers.check(30_000);
    await gone;
    expect(closed).toBe(1);
  });

  it('keeps the connection of a client that reads, regardless of the time', async () => {
    const connection = await requestAndPause();
    let received = 0;
    client.on('data', ({ length }) => (received += length)).pause();
    for (let now = 0; received < LARGE.length; now += 29_000) {
      answers.check(now);
      const before = received;
      client.resume();
      // Read enough for the kernel to have room again.
      await until(() => received - before > 5_000_000 || received >= LARGE.length);
      client.pause();
    }
    expect([closed, connection.destroyed]).toEqual([0, false]);
  });

  it('closes a connection that takes less than the minimum', async () => {
    const connection = await requestAndPause();
    const handle = (connection as unknown as { _handle: { writeQueueSize: number; bytesWritten: number } })._handle;
    const output = { bytesWritten: handle.bytesWritten, writeQueueSize: handle.writeQueueSize };
    Object.defineProperty(handle, 'writeQueueSize', { get: () => output.writeQueueSize });
    for (let now = 0; now < 30_000; now += 2000) {
      answers.check(now);
      output.writeQueueSize -= 400;
    }
    expect(closed).toBe(0);
    answers.check(30_000);
    expect(closed).toBe(1);
  });

  it('keeps idle connections, and those whose request is in progress', async () => {
    server.removeAllListeners('request');
    client = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.write(REQUEST);
    await once(server, 'request');
    for (const seconds of [0, 30, 60, 90]) answers.check(seconds * 1000);
    expect([closed, client.destroyed]).toEqual([0, false]);
  });
});
