import net from 'node:net';

/** The start of BackendKeyData in PostgreSQL's protocol: `K` and the length 12. The process id follows. */
const BACKEND_KEY_DATA = Buffer.from([0x4b, 0, 0, 0, 12]);

/** A proxy for PostgreSQL that sends clients a different process id, like PgBouncer. */
export async function startPooler(target: { host: string; port: number }): Promise<{ port: number; stop: () => void }> {
  const server = net.createServer((client) => {
    const upstream = net.connect(target.port, target.host);
    client.pipe(upstream);
    upstream.on('data', (data) => {
      const at = data.indexOf(BACKEND_KEY_DATA);
      if (at >= 0) data.writeUInt32BE(7, at + BACKEND_KEY_DATA.length);
      client.write(data);
    });
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined);
      socket.on('close', () => [client, upstream].forEach((each) => each.destroy()));
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { port: (server.address() as net.AddressInfo).port, stop: () => void server.close() };
}
