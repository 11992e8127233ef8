import { EventEmitter } from 'node:events';
import { Server } from 'node:http';
import { ConnectionLimits } from './connection-limits.js';

class FakeConnection extends EventEmitter {
  destroyed = false;

  constructor(readonly remoteAddress: string) {
    super();
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

describe('ConnectionLimits', () => {
  let server: Server;
  let refused: string[];

  function limit(perClient: number): void {
    refused = [];
    server = new Server();
    const limits = new ConnectionLimits(server, { total: 40, perClient, perNetwork: 20 }, (bound) =>
      refused.push(bound),
    );
    expect(limits).toBeDefined();
  }

  function connect(addresses: string[]): FakeConnection[] {
    const connections = addresses.map((address) => new FakeConnection(address));
    for (const connection of connections) server.emit('connection', connection);
    return connections;
  }

  const open = (connections: FakeConnection[]): number => connections.filter(({ destroyed }) => !destroyed).length;
  const inNetwork = (site: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `2001:db8:${site}:${(index % 4).toString(16)}::${index + 1}`);

  it('leaves room for others when the /64s of one IPv6 /48 fill it', () => {
    limit(10);
    expect(open(connect(inNetwork('1', 40)))).toBe(20);
    expect(refused).toEqual(Array(20).fill('perNetwork'));
    expect(open(connect([...inNetwork('2', 10), ...Array<string>(10).fill('192.0.2.1')]))).toBe(20);
    expect(refused).toHaveLength(20);
  });

  it('admits connections of a /48 again when others close', () => {
    limit(10);
    for (const connection of connect(inNetwork('1', 40))) if (!connection.destroyed) connection.destroy();
    expect(open(connect(inNetwork('1', 40)))).toBe(20);
  });

  it('does not count connections that exceed the limit of their /64 toward the /48', () => {
    limit(10);
    expect(open(connect(Array<string>(30).fill('2001:db8:1::1')))).toBe(10);
    expect(open(connect(Array<string>(10).fill('2001:db8:1:1::1')))).toBe(10);
    expect(refused).toEqual(Array(20).fill('perClient'));
  });

  it('does not limit networks if all clients come through a proxy', () => {
    limit(Infinity);
    expect(open(connect(inNetwork('1', 40)))).toBe(40);
  });
});
