import { Agent, get, type IncomingMessage } from 'node:http';
import net from 'node:net';
import { once } from 'node:events';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { Load } from '../support/load.js';
import { Nginx } from '../support/nginx.js';
import { describeWith } from '../support/programs.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { slowRequest } from '../support/slow-request.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';
import { until } from '../support/until.js';

jest.setTimeout(90_000);

/** Timeouts longer than any test, so that none of them can end a request or a process. */
const PATIENT = { DRAIN_SECONDS: '60', DB_STATEMENT_TIMEOUT_MS: '60000', DB_CONNECT_TIMEOUT_MS: '60000' };

let build: ServiceBuild;
let database: DatabaseSettings;
let running: ServiceProcess[] = [];

const start = (variables: Record<string, string> = PATIENT): ServiceProcess => {
  const service = build.start({ ...variablesOf(database), BCRYPT_ROUNDS: '10', RATE_LIMIT: 'off', ...variables });
  running.push(service);
  return service;
};

beforeAll(async () => {
  build = await ServiceBuild.make();
  database = await createDatabase();
});
afterEach(async () => {
  for (const service of running) service.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  running = [];
});
afterAll(async () => {
  build.remove();
  await dropDatabase(database);
});

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('finishes the request in flight, accepts no new ones and exits with 0', async () => {
    const service = start();
    const url = await service.ready();
    const { token } = await signedIn(url);
    const { answer, release } = await slowRequest(database, url, token);
    service.kill(signal);
    await service.said(/"requests":1,"msg":"no longer listening/);
    await expect(send(url, '/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await release();
    expect(await answer).toMatchObject({ status: 200, headers: { connection: 'close' } });
    expect(await service.ended).toBe(0);
    expect(service.output).not.toContain('cut');
  });
});

describe('DRAIN_DELAY_MS, the delay before the port is closed', () => {
  it('makes the service not ready, while it serves requests with Connection: close', async () => {
    const service = start({ DRAIN_DELAY_MS: '5000', DRAIN_SECONDS: '60' });
    const url = await service.ready();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async (path: string): Promise<[number | undefined, string | undefined]> => {
      const [answer] = (await once(get(url + path, { agent }), 'response')) as [IncomingMessage];
      answer.resume();
      await once(answer, 'end');
      return [answer.statusCode, answer.headers.connection];
    };
    expect(await ask('/health/ready')).toEqual([200, 'keep-alive']);
    service.kill('SIGTERM');
    await service.said(/stopping: SIGTERM/);
    // The first request uses the existing connection, the others new ones.
    expect(await ask('/health/ready')).toEqual([503, 'close']);
    expect(await ask('/health/live')).toEqual([200, 'close']);
    expect(await ask('/no-such-path')).toEqual([404, 'close']);
    expect(service.output).not.toContain('no longer listening');
    expect(await service.ended).toBe(0);
    agent.destroy();
  });

  it('has no effect in development', async () => {
    const service = start({ DEBUG: 'True', DRAIN_DELAY_MS: '60000' });
    await service.said(/listening on/);
    expect(await service.stop()).toBe(0);
  });
});

describe('a drain with open connections', () => {
  it('does not wait for connections without a request', async () => {
    const service = start();
    const url = await service.ready();
    const { port, hostname } = new URL(url);
    const idle = net.connect(Number(port), hostname);
    idle.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(idle, 'data');
    const unused = net.connect(Number(port), hostname);
    await once(unused, 'connect');
    const closed = Promise.all([once(idle, 'close'), once(unused, 'close')]);
    expect(await service.stop()).toBe(0);
    await closed;
    expect(service.output).not.toContain('cut');
  });

  it('answers 503 to a request that takes longer than DRAIN_SECONDS, and exits with 0', async () => {
    const service = start({ ...PATIENT, DRAIN_SECONDS: '1' });
    const url = await service.ready();
    const { token } = await signedIn(url);
    const { answer, release } = await slowRequest(database, url, token);
    service.kill('SIGTERM');
    expect(await answer).toMatchObject({
      status: 503,
      headers: { connection: 'close', 'retry-after': '1' },
      body: { detail: 'The service was stopped before it could answer. Please try again.' },
    });
    expect(await service.ended).toBe(0);
    expect(service.output).toContain('cut 1 connections');
    await release();
  });

  it('is cut short by a second signal, unless it follows the first at once', async () => {
    const service = start();
    const url = await service.ready();
    const { token } = await signedIn(url);
    const { release } = await slowRequest(database, url, token);
    service.kill('SIGINT');
    service.kill('SIGTERM');
    await service.said(/no longer listening/);
    const again = setInterval(() => service.kill('SIGINT'), 100);
    expect(await service.ended).toBe(1);
    clearInterval(again);
    expect(service.output).toContain('SIGINT again: exiting at once');
    await release();
  });
});

describeWith('nginx')('stopping one of two processes behind nginx under load', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('loses no request: %s', async (signal) => {
    const services = [start({ DRAIN_DELAY_MS: '2000' }), start({ DRAIN_DELAY_MS: '2000' })];
    const urls = await Promise.all(services.map((service) => service.ready()));
    const nginx = await Nginx.start({ upstreams: urls.map((url) => Number(new URL(url).port)) });
    try {
      const { token } = await signedIn(nginx.url);
      const load = new Load(nginx.url, token);
      await until(() => load.has(200, 10));
      const [stopped] = services;
      stopped?.kill(signal);
      expect(await stopped?.ended).toBe(0);
      const answered = load.answers.length;
      await until(() => load.has(200, 10, answered));
      await load.stop();
      expect(load.answers.filter(({ answer }) => answer.status !== 200)).toEqual([]);
    } finally {
      await nginx.stop();
    }
  });
});
