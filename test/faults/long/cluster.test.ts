import type { DatabaseSettings } from '../../../src/platform/config/database-settings.js';
import { startDailyLoad } from '../../support/daily-load.js';
import { Nginx, proxyWithSecondTry } from '../../support/nginx.js';
import { Pm2 } from '../../support/pm2.js';
import { describeWith } from '../../support/programs.js';
import { freePort } from '../../support/free-port.js';
import { ServiceBuild, variablesOf } from '../../support/service-process.js';
import type { SteadyLoad } from '../../support/steady-load.js';
import { createDatabase, dropDatabase } from '../../support/test-databases.js';
import { until } from '../../support/until.js';

jest.setTimeout(600_000);

const WORKERS = 4;
const PER_SECOND = 300;
const RELOADS = 5;

let build: ServiceBuild;
let database: DatabaseSettings;
let pm2: Pm2;
let nginx: Nginx;
let load: SteadyLoad;

beforeAll(async () => {
  build = await ServiceBuild.make();
  database = await createDatabase();
  const port = await freePort();
  pm2 = await Pm2.start(build, {
    ...variablesOf(database),
    APP_PORT: String(port),
    WORKERS: String(WORKERS),
    RATE_LIMIT: 'off',
    BCRYPT_ROUNDS: '10',
    // The load, nginx and PostgreSQL share the cores with the service, so waiting must not fail a request.
    HASH_WAIT_MS: '20000',
    DB_CONNECT_TIMEOUT_MS: '10000',
  });
  nginx = await Nginx.start({ upstreams: [port], http: proxyWithSecondTry });
});
beforeEach(async () => {
  load = await startDailyLoad(nginx.url, PER_SECOND);
});
afterEach(() => load.stop());
afterAll(async () => {
  await nginx.stop();
  await pm2.stop();
  build.remove();
  await dropDatabase(database);
});

/** Prints the measurements. */
function report(what: string): void {
  const { sent, failures, slowestMs } = load;
  const lines = [`${what}: ${sent} requests, ${failures.length} failed, slowest ${Math.round(slowestMs)} ms`];
  process.stderr.write([...lines, ...failures.map((failure) => JSON.stringify(failure)), nginx.errorLog].join('\n'));
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

describeWith('nginx')(`${WORKERS} processes under PM2, behind nginx, at ${PER_SECOND} requests per second`, () => {
  it(`lose no request in ${RELOADS} reloads`, async () => {
    const took: string[] = [];
    for (let reload = 0; reload < RELOADS; reload += 1) {
      const start = performance.now();
      await pm2.reload();
      took.push(seconds(start));
    }
    await load.stop();
    report(`reloads of ${took.join(', ')}`);
    expect(load.failures).toEqual([]);
  });

  it('lose at most 0.5 % of the requests when one is killed, which is restarted', async () => {
    await until(() => load.answered > 5 * PER_SECOND);
    const [victim = 0] = await pm2.pids();
    const start = performance.now();
    process.kill(victim, 'SIGKILL');
    await until(async () => !(await pm2.pids()).includes(victim) && (await pm2.isOnline(WORKERS)));
    const back = seconds(start);
    const { answered } = load;
    await until(() => load.answered > answered + 5 * PER_SECOND);
    await load.stop();
    report(`killed, back after ${back}`);
    expect(load.failures.length / load.sent).toBeLessThanOrEqual(0.005);
  });
});
