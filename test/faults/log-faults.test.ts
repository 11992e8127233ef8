import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { register, signIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { accessLines } from '../support/log-lines.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';
import { until } from '../support/until.js';

jest.setTimeout(60_000);

/** Number of requests whose log lines exceed the buffer of a pipe. */
const MANY = 2000;

let build: ServiceBuild;
let database: DatabaseSettings;
let service: ServiceProcess;
let data: string;

beforeAll(async () => {
  build = await ServiceBuild.make();
  database = await createDatabase();
});
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'data-'));
});
afterEach(async () => {
  service.kill('SIGKILL');
  await service.ended;
  rmSync(data, { recursive: true, force: true });
});
afterAll(async () => {
  await dropDatabase(database);
  build.remove();
});

async function start(variables: Record<string, string> = {}): Promise<string> {
  const settings = { ...variablesOf(database), BCRYPT_ROUNDS: '10', RATE_LIMIT: 'off', DATA_DIR: data };
  service = build.start({ ...settings, ...variables });
  return service.ready();
}

async function ask(url: string, times: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const one = () =>
    new Promise<number | undefined>((resolve, reject) => {
      const request = get(`${url}/health/live`, { agent }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      request.on('error', reject);
    });
  const statuses = await Promise.all(Array.from({ length: times }, one));
  expect(new Set(statuses)).toEqual(new Set([200]));
  agent.destroy();
}

/** Registers, signs in and reads the account. */
async function useAccount(url: string): Promise<void> {
  const token = await signIn(url, await register(url));
  expect((await send(url, '/api/v1/users/me', { token })).status).toBe(200);
}

async function lostLines(url: string, destination: string): Promise<number> {
  const { text } = await send(url, '/metrics');
  const line = text.split('\n').find((one) => one.startsWith(`log_lines_lost_total{destination="${destination}"`));
  return Number(line?.split(' ')[1]);
}

describe('a full disk for the log', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'full-'));
    for (const name of ['access.log', 'error.log']) symlinkSync('/dev/full', join(folder, name));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('loses lines, which are counted and reported once, but no request', async () => {
    const url = await start({ LOG_DIR: folder });
    expect(await lostLines(url, 'access.log')).toBe(0);
    await ask(url, 50);
    await useAccount(url);
    // 50, three of useAccount, and the earlier request for the metrics.
    await until(async () => (await lostLines(url, 'access.log')) >= 54);
    const alarms = service.message.split('\n').filter((line) => line.includes('access.log'));
    expect(alarms).toEqual([
      'Log lines are lost: access.log cannot be written: ENOSPC: no space left on device, write. Requests are still served.',
    ]);
    expect(await lostLines(url, 'stdout')).toBe(0);
  });

  it('is written to again after SIGHUP once there is space', async () => {
    const url = await start({ LOG_DIR: folder });
    await ask(url, 5);
    rmSync(join(folder, 'access.log'));
    service.kill('SIGHUP');
    await service.said(/re-opened the log files/);
    await ask(url, 5);
    const written = () => readFileSync(join(folder, 'access.log'), 'utf8').split('\n').slice(0, -1);
    await until(() => written().length === 5);
    expect(accessLines(written())).toHaveLength(5);
    expect(await service.stop()).toBe(0);
  });
});

describe('a log output whose reader has gone', () => {
  it('loses lines, which are counted and reported once, but no request', async () => {
    const url = await start();
    service.hangUp('stdout');
    await ask(url, 50);
    await useAccount(url);
    await until(async () => (await lostLines(url, 'stdout')) >= 53);
    service.kill('SIGHUP');
    expect(await service.stop()).toBe(0);
    expect(service.message).toBe(
      'Log lines are lost: stdout cannot be written: EPIPE: broken pipe, write. Requests are still served.\n',
    );
  });

  it('does not stop the service if stderr has no reader either', async () => {
    const url = await start();
    service.hangUp('stdout', 'stderr');
    await ask(url, 50);
    await useAccount(url);
    expect(await service.stop()).toBe(0);
  });
});

describe('a log output whose reader pauses', () => {
  it('delays no request and loses no line', async () => {
    const url = await start();
    const readOn = service.stopReading();
    await ask(url, MANY);
    expect(accessLines(service.lines).length).toBeLessThan(MANY);
    readOn();
    await until(() => accessLines(service.lines).length === MANY);
    expect(await lostLines(url, 'stdout')).toBe(0);
    expect(await service.stop()).toBe(0);
  });

  it('does not keep the process from exiting', async () => {
    const url = await start();
    service.stopReading();
    await ask(url, MANY);
    const code = service.stop();
    await until(() => !isRunning(service.pid));
    service.hangUp('stdout');
    expect(await code).toBe(0);
  });
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
