import net from 'node:net';

/** BackendKeyData of PostgreSQL's protocol: `K`, the length 12, then the number of the process. */
const BACKEND_KEY_DATA = Buffer.from([0x4b, 0, 0, 0, 12]);

/** A way to PostgreSQL that, as PgBouncer does, tells clients a process number of its own. */
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
