import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { type Account, PASSWORD, register, session, signIn, type Tokens } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';

jest.setTimeout(60_000);

const FIVE_MINUTES = 300;
const ONE_DAY = 86_400;
/** Clock offsets in order; the last two are within the tolerated skew of tokens. */
const JUMPS = [FIVE_MINUTES, -FIVE_MINUTES, ONE_DAY, -ONE_DAY, 30, -30];
const LIMIT = 10;
const WINDOW_SECONDS = 900;

describe('a worker whose clock jumps', () => {
  let build: ServiceBuild;
  let database: DatabaseSettings;
  let steady: ServiceProcess;
  let jumping: ServiceProcess;
  let right: string;
  let wrong: string;
  let account: Account;
  let token: string;

  beforeAll(async () => {
    build = await ServiceBuild.make();
    database = await createDatabase();
    const preload = pathToFileURL(resolve('test/support/jumping-clock.mjs')).href;
    const common = { ...variablesOf(database), BCRYPT_ROUNDS: '10', RATE_LIMIT: 'on' };
    steady = build.start(common);
    jumping = build.start({ ...common, NODE_OPTIONS: `--import=${preload}`, CLOCK_JUMPS: JSON.stringify(JUMPS) });
    [right, wrong] = await Promise.all([steady.ready(), jumping.ready()]);
    account = await register(right);
    token = await signIn(right, account);
  });
  afterAll(async () => {
    await Promise.all([steady.stop(), jumping.stop()]);
    build.remove();
    await dropDatabase(database);
  });

  const me = async (url: string, bearer: string) => (await send(url, '/api/v1/users/me', { token: bearer })).status;
  const fail = async (url: string, username: string) =>
    (await send(url, '/api/v1/auth/login-json', { body: { username, password: 'wrong-one' } })).status;

  describe.each(JUMPS)('to %i s', (seconds) => {
    beforeAll(async () => {
      jumping.kill('SIGUSR2');
      await jumping.said(new RegExp(`clock off by ${seconds} s`));
    });

    it('serves requests, and tokens are valid or refused with 401 between the workers', async () => {
      expect((await send(wrong, '/health/ready')).status).toBe(200);
      const own = await signIn(wrong, account);
      expect(await me(wrong, own)).toBe(200);
      const crossing = [await me(wrong, token), await me(right, own)];
      const withinSkew = Math.abs(seconds) <= 60;
      expect(crossing).toEqual(withinSkew ? [200, 200] : crossing.map((status) => (status === 200 ? 200 : 401)));
      expect(
        (await send(wrong, '/api/v1/auth/register', { body: { username: `j${seconds}x`, password: PASSWORD } })).status,
      ).toBe(200);
    });

    it('opens and refreshes sessions by the clock of the database', async () => {
      const { refresh_token } = await session(wrong, account);
      const refresh = async (url: string, token: string) =>
        send<Tokens>(url, '/api/v1/auth/refresh', { body: { refresh_token: token } });
      const next = await refresh(wrong, refresh_token);
      expect([next.status, (await refresh(right, next.body.refresh_token)).status]).toEqual([200, 200]);
      const [row] = await query<{ days: number; offset: number }>(
        database,
        `SELECT round(extract(epoch FROM idle_expires_at - now()) / 86400)::int AS days,
           round(extract(epoch FROM now() - created_at) / 60)::int AS offset
         FROM sessions ORDER BY created_at DESC LIMIT 1`,
      );
      expect(row).toEqual({ days: 30, offset: 0 });
    });

    it('counts failed sign-ins together with the other worker, by the clock of the database', async () => {
      const username = `guessed${seconds}`;
      for (let tries = 0; tries < LIMIT; tries += 1) expect(await fail(tries % 2 ? right : wrong, username)).toBe(401);
      expect([await fail(right, username), await fail(wrong, username)]).toEqual([429, 429]);
      const [row] = await query<{ longest: number }>(
        database,
        'SELECT extract(epoch FROM max(expires_at) - now())::int AS longest FROM rate_limits WHERE points >= $1',
        [LIMIT],
      );
      expect(row?.longest).toBeGreaterThan(0);
      expect(row?.longest).toBeLessThanOrEqual(Math.max(WINDOW_SECONDS, 3600));
    });
  });
});
