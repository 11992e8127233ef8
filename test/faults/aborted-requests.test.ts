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

// More than `until` waits, so that a leak fails by its condition.
jest.setTimeout(150_000);

const ABORTS = 1000;
const AT_ONCE = 20;

const OPEN_TRANSACTIONS = `
  SELECT FROM pg_stat_activity
   WHERE datname = current_database() AND backend_type = 'client backend'
     AND xact_start IS NOT NULL AND pid <> pg_backend_pid()`;

describe('clients that hang up in the middle of a request', () => {
  let app: TestApp;
  let token: string;
  const { logger, lines } = collectingLogger();

  beforeAll(async () => {
    // A cost at which the sign-ins queue, so that they are abandoned while they wait. PostgreSQL ends idle transactions
    // after twice the limit of a statement: later than `until` gives up.
    // On a slow machine a connection takes longer than the default allows.
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

  /** Hangs up after some of the request, all of it, or a moment later, with and without a word. */
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

  it(`are ${ABORTS} without a leak of a connection, a transaction or a place in line, or an error in the log`, async () => {
    for (let done = 0; done < ABORTS; done += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => abort(done + index)));
    }
    await until(() => pool().totalCount === pool().idleCount && pool().waitingCount === 0);
    const open = () =>
      new Promise<number>((resolve) => app.nest.getHttpServer().getConnections((_error, count) => resolve(count)));
    await until(async () => (await open()) === 0);
    // The last rollback may still be on its way; a transaction that stays open ends the waiting with an error.
    await until(async () => (await app.sql(OPEN_TRANSACTIONS)).length === 0);
    expect(lines.map((line) => JSON.parse(line) as { level: number }).filter(({ level }) => level >= 50)).toEqual([]);
  });

  it('hold up nobody who waits for an answer', async () => {
    const metrics = await send(app.url, '/metrics');
    expect(metrics.text).toMatch(/^auth_hash_queue_length\S* 0$/m);
    const body = { username: 'aborted', password: PASSWORD };
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => send(app.url, '/api/v1/auth/login-json', { body })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });
});
