import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { pino } from 'pino';
import { ConfigurationError } from '../config/configuration-error.js';
import type { DatabaseSettings } from '../config/database-settings.js';
import { DatabaseUnreachableError } from './database-unreachable-error.js';
import { describeDatabase, waitForDatabase } from './wait-for-database.js';

const SSL_REQUEST = 80_877_103;

/** The server's answer to a login, and the row that it returns for any query. */
interface Behaviour {
  error?: { code: string; message: string };
  row?: [version: string, text: string, encoding: string, icu: string];
}

const HEALTHY: Behaviour = { row: ['160004', '16.4', 'UTF8', 't'] };

function message(type: string, ...parts: (string | number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const READY = message('Z', 'I');

/** The rows of one statement, as text. */
function result(columns: [name: string, oid: number, value: string][]): Buffer {
  const head = columns.flatMap(([name, oid]) => {
    const column = [0, 0, 0, 0, 0, 0, 0, 0, 0, oid, 0, 4, 255, 255, 255, 255, 0, 0];
    return [...Buffer.from(`${name}\0`), ...column];
  });
  const cells = columns.flatMap(([, , value]) => [0, 0, 0, value.length, ...Buffer.from(value)]);
  return Buffer.concat([
    message('T', [0, columns.length], head),
    message('D', [0, columns.length], cells),
    message('C', 'SELECT 1\0'),
  ]);
}

/** The answer to the statements that set up a session, or to the query about the server. */
function answer(sql: string, [version, text, encoding, icu]: NonNullable<Behaviour['row']>): Buffer {
  if (sql.includes('set_config')) {
    const names = [...sql.matchAll(/SHOW (\w+)/g)].map(([, name = '']) => name);
    const shown = names.map((name) => result([[name, 25, '0']]));
    return Buffer.concat([result(names.map((name) => [name, 25, '0'])), ...shown, READY]);
  }
  const row = result([
    ['version', 23, version],
    ['text', 25, text],
    ['encoding', 25, encoding],
    ['icu', 16, icu],
  ]);
  return Buffer.concat([row, READY]);
}

/** The part of PostgreSQL's protocol that one login and one query need, without TLS. */
function converse(socket: Socket, { error, row = ['160004', '16.4', 'UTF8', 't'] }: Behaviour): void {
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    if (data.length >= 8 && data.readInt32BE(4) === SSL_REQUEST) socket.write('N');
    else if (data[0] === 'Q'.charCodeAt(0)) socket.write(answer(data.toString(), row));
    else if (data[0] === 'X'.charCodeAt(0)) socket.end();
    else if (error) socket.end(message('E', `SFATAL\0C${error.code}\0M${error.message}\0\0`));
    else socket.write(Buffer.concat([message('R', [0, 0, 0, 0]), READY]));
  });
}

describe('waitForDatabase', () => {
  let server: Server;
  let settings: DatabaseSettings;
  let behaviours: Behaviour[];
  const lines: string[] = [];
  const logger = pino({ base: undefined, timestamp: false }, { write: (line) => void lines.push(line) });

  beforeEach(async () => {
    lines.length = 0;
    server = createServer((socket) =>
      converse(socket, behaviours.length > 1 ? (behaviours.shift() ?? HEALTHY) : (behaviours[0] ?? HEALTHY)),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    settings = {
      host: '127.0.0.1',
      port,
      database: 'app',
      user: 'john',
      password: 'secret',
      sslMode: 'disable',
      certificateAuthority: undefined,
    };
  });
  afterEach(() => server.close());

  const wait = (more: Partial<DatabaseSettings> = {}, seconds = 60) =>
    waitForDatabase({ ...settings, ...more }, seconds, logger);

  it('returns at once if the database answers, and logs nothing', async () => {
    behaviours = [HEALTHY];
    expect(await wait()).toEqual(settings);
    expect(lines).toEqual([]);
  });

  it('replaces prefer by no TLS if the server has none, and rejects with require', async () => {
    behaviours = [HEALTHY];
    expect(await wait({ sslMode: 'prefer' })).toEqual({ ...settings, sslMode: 'disable' });
    await expect(wait({ sslMode: 'require' })).rejects.toThrow(/does not support SSL.*PGSSLMODE/);
  });

  it('waits while the server starts, with one line for each new reason', async () => {
    const starting = { error: { code: '57P03', message: 'the database system is starting up' } };
    const full = { error: { code: '53300', message: 'too many clients already' } };
    behaviours = [starting, starting, full, HEALTHY];
    expect(await wait()).toEqual(settings);
    const address = `127.0.0.1:${settings.port}/app`;
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: 40, msg: `waiting for PostgreSQL at ${address}: the database system is starting up` },
      { level: 40, msg: `waiting for PostgreSQL at ${address}: too many clients already` },
    ]);
  });

  it('rejects after the timeout with the last reason', async () => {
    behaviours = [];
    server.close();
    const waiting = wait({}, 0.001);
    await expect(waiting).rejects.toThrow(DatabaseUnreachableError);
    await expect(waiting).rejects.toThrow(/did not answer within 0.001 s \(DB_WAIT_SECONDS\): .*ECONNREFUSED/);
  });

  it.each<[string, Behaviour, RegExp]>([
    [
      'a wrong password',
      { error: { code: '28P01', message: 'password authentication failed for user "john"' } },
      /refused the connection: password authentication failed.*; check PGUSER, PGPASSWORD/,
    ],
    [
      'an unknown database',
      { error: { code: '3D000', message: 'database "app" does not exist' } },
      /refused the connection: database "app" does not exist; create it \(createdb app\)/,
    ],
    ['an old server', { row: ['130015', '13.15', 'UTF8', 't'] }, /it is version 13\.15; 14 to 18 are supported/],
    ['another encoding', { row: ['160004', '16.4', 'LATIN1', 't'] }, /encoded in LATIN1; create it with ENCODING/],
    ['a server without ICU', { row: ['160004', '16.4', 'UTF8', 'f'] }, /built without ICU/],
  ])('does not wait after a permanent failure: %s', async (_, behaviour, expected) => {
    behaviours = [behaviour];
    const waiting = wait();
    await expect(waiting).rejects.toThrow(ConfigurationError);
    await expect(waiting).rejects.toThrow(expected);
    await expect(waiting).rejects.toThrow(`PostgreSQL at 127.0.0.1:${settings.port}/app`);
    await expect(waiting).rejects.not.toThrow('secret');
    expect(lines).toEqual([]);
  });

  it('accepts the oldest supported version', async () => {
    behaviours = [{ row: ['140000', '14.0', 'UTF8', 't'] }];
    expect(await wait()).toEqual(settings);
  });
});

describe('describeDatabase', () => {
  it('shows the address and no secret', () => {
    const address = { host: 'db', port: 5432, database: 'app', user: 'john', password: 'secret' };
    expect(describeDatabase({ ...address, sslMode: 'disable', certificateAuthority: undefined })).toBe('db:5432/app');
  });
});
