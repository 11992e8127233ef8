import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { signedIn } from '../support/accounts.js';
import { startDailyLoad } from '../support/daily-load.js';
import { Nginx, proxyWithSecondTry } from '../support/nginx.js';
import { Pm2 } from '../support/pm2.js';
import { describeWith } from '../support/programs.js';
import { freePort } from '../support/free-port.js';
import { ServiceBuild, variablesOf } from '../support/service-process.js';
import { slowRequest } from '../support/slow-request.js';
import { createDatabase, dropDatabase, urlOf } from '../support/test-databases.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

let build: ServiceBuild;
let database: DatabaseSettings;
let port: number;
let pm2: Pm2;

beforeAll(async () => {
  build = await ServiceBuild.make();
  database = await createDatabase();
  port = await freePort();
});
afterEach(() => pm2.stop());
afterAll(async () => {
  build.remove();
  await dropDatabase(database);
});

const settings = (): Record<string, string> => ({
  ...variablesOf(database),
  APP_PORT: String(port),
  WORKERS: '2',
  RATE_LIMIT: 'off',
  BCRYPT_ROUNDS: '10',
  // Other tests may keep the cores busy.
  HASH_WAIT_MS: '20000',
  DB_CONNECT_TIMEOUT_MS: '10000',
});

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

describeWith('nginx')('two processes under PM2, behind nginx', () => {
  it('lose no request during a reload under load, and a killed one is restarted', async () => {
    pm2 = await Pm2.start(build, settings());
    const nginx = await Nginx.start({ upstreams: [port], http: proxyWithSecondTry });
    const load = await startDailyLoad(nginx.url, 50);
    try {
      const before = await pm2.processes();
      expect(before.map(({ pm2_env }) => pm2_env.exec_mode)).toEqual(['cluster_mode', 'cluster_mode']);
      expect(await pm2.isOnline(2)).toBe(true);
      await pm2.reload();
      const after = await pm2.pids();
      expect(after.filter((pid) => before.some((process) => process.pid === pid))).toEqual([]);
      expect({ failures: load.failures, nginx: nginx.errorLog }).toMatchObject({ failures: [] });

      const [victim = 0] = after;
      process.kill(victim, 'SIGKILL');
      await until(async () => !(await pm2.pids()).includes(victim));
      const noticedAtMs = load.elapsedMs;
      await until(() => pm2.isOnline(2));
      const { answered } = load;
      await until(() => load.answered > answered + 50);
      await load.stop();
      // Only the requests of the killed process: nginx may also have tried connections that it had not yet seen close.
      const lost = load.failures.filter(({ atMs }) => atMs > noticedAtMs);
      expect({ lost, nginx: nginx.errorLog }).toMatchObject({ lost: [] });
    } finally {
      await load.stop();
      await nginx.stop();
    }
  });
});

describe('processes under PM2', () => {
  it('survive a reload with invalid settings, and finish requests in flight when PM2 dies', async () => {
    pm2 = await Pm2.start(build, { ...settings(), DRAIN_SECONDS: '60', DB_STATEMENT_TIMEOUT_MS: '60000' });
    const pids = await pm2.pids();
    await expect(pm2.reload({ APP_PORT: 'eighty' })).rejects.toThrow(/APP_PORT holds "eighty"; expected a port/);
    expect(await pm2.pids()).toEqual(pids);

    const url = `http://127.0.0.1:${port}`;
    const { token } = await signedIn(url);
    const { answer, release } = await slowRequest(database, url, token);
    pm2.killDaemon();
    await until(() => pm2.output.includes('the process manager has ended'));
    await release();
    expect((await answer).status).toBe(200);
    await until(() => pids.every(isGone));
  });

  it('log the reason and are not restarted if the database does not exist', async () => {
    pm2 = await Pm2.start(build, { ...settings(), DATABASE_URL: urlOf({ ...database, database: 'no_such' }) });
    await until(() => pm2.output.includes('database "no_such" does not exist'));
    await until(async () => (await pm2.pids()).every((pid) => pid === 0));
    expect((await pm2.processes()).map(({ pm2_env }) => pm2_env.restart_time)).toEqual([0, 0]);
  });
});
