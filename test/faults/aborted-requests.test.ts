import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { PASSWORD, signedIn, uniqueName } from '../support/accounts.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

// Longer than `until` waits, so that a leak fails there.
jest.setTimeout(150_000);

const ABORTS = 1000;
const CONCURRENT = 20;

const OPEN_TRANSACTIONS = `
  SELECT FROM pg_stat_activity
   WHERE datname = current_database() AND backend_type = 'client backend'
     AND xact_start IS NOT NULL AND pid <> pg_backend_pid()`;

describe('clients that disconnect during a request', () => {
  let app: TestApp;
  let token: string;
  const { logger, lines } = collectingLogger();

  beforeAll(async () => {
    // Hashes are slow enough that sign-ins are queued when their client disconnects. PostgreSQL ends idle transactions
    // after twice DB_STATEMENT_TIMEOUT_MS, later than `until` gives up.
    // On a slow machine a connection takes longer than the default timeout.
    const settings = { DB_POOL_SIZE: '3', DB_STATEMENT_TIMEOUT_MS: '60000', DB_CONNECT_TIMEOUT_MS: '30000' };
    app = await TestApp.start({ logger, bcryptRounds: 7, settings });
    ({ token } = await signedIn(app.url, { username: 'aborted' }));
  });
  afterAll(() => app.stop());

  const pool = () => (app.nest.get(DataSource).driver as unknown as { master: pg.Pool }).master;

  function requests(): string[] {
    const post = (path: string, body: object) => {
      const text = JSON.stringify(body);
      return `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
    };
    return [
      post('/api/v1/auth/login-json', { username: 'aborted', password: PASSWORD }),
      post('/api/v1/auth/register', { username: uniqueName('abort'), password: PASSWORD }),
      `GET /api/v1/users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    ];
  }

  /** Disconnects after half of the request, after all of it, or a moment later, by RST or FIN. */
  async function abort(index: number): Promise<void> {
    const { hostname, port } = new URL(app.url);
    const socket = net.connect(Number(port), hostname).on('error', () => undefined);
    await once(socket, 'connect');
    const request = requests()[index % 3] ?? '';
    socket.write(index % 5 === 0 ? request.slice(0, request.length / 2) : request);
    if (index % 2 === 0) await sleep(index % 9);
    if (index % 4 < 2) socket.resetAndDestroy();
    else socket.destroy();
  }

  it(`leak no connection or transaction and log no error, after ${ABORTS} requests`, async () => {
    for (let done = 0; done < ABORTS; done += CONCURRENT) {
      await Promise.all(Array.from({ length: CONCURRENT }, (_, index) => abort(done + index)));
    }
    await until(() => pool().totalCount === pool().idleCount && pool().waitingCount === 0);
    const open = () =>
      new Promise<number>((resolve) => app.nest.getHttpServer().getConnections((_error, count) => resolve(count)));
    await until(async () => (await open()) === 0);
    // The last rollback may still be in progress; a transaction that stays open makes `until` throw.
    await until(async () => (await app.sql(OPEN_TRANSACTIONS)).length === 0);
    expect(lines.map((line) => JSON.parse(line) as { level: number }).filter(({ level }) => level >= 50)).toEqual([]);
  });

  it('leave the hash queue empty for other clients', async () => {
    const metrics = await send(app.url, '/metrics');
    expect(metrics.text).toMatch(/^auth_hash_queue_length\S* 0$/m);
    const body = { username: 'aborted', password: PASSWORD };
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => send(app.url, '/api/v1/auth/login-json', { body })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });
});
