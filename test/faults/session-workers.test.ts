import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { type Account, register, session, type Tokens } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { sessionOf } from '../support/sessions.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';

jest.setTimeout(60_000);

const SESSIONS = '/api/v1/users/me/sessions';
const PARALLEL = 100;
const OLD_KEY = 'the-key-that-signs-until-it-is-changed-and-is-long-enough-for-HS512-too';
const NEW_KEY = 'the-key-that-comes-after-it-which-is-as-long-as-HS512-asks-for-as-well';

describe('sessions on several workers', () => {
  let database: DatabaseSettings;
  let build: ServiceBuild;
  let services: ServiceProcess[] = [];
  let one: string;
  let other: string;
  let account: Account;

  beforeAll(async () => {
    build = await ServiceBuild.make();
    database = await createDatabase();
    const common = { ...variablesOf(database), BCRYPT_ROUNDS: '10', RATE_LIMIT: 'off', HASH_WAIT_MS: '60000' };
    // During a key rotation: one worker signs with the new key, the other still with the old key.
    services = [
      build.start({ ...common, SECRET_KEY: OLD_KEY, SECRET_KEY_PREVIOUS: NEW_KEY }),
      build.start({ ...common, SECRET_KEY: NEW_KEY, SECRET_KEY_PREVIOUS: OLD_KEY }),
    ];
    [one = '', other = ''] = await Promise.all(services.map((service) => service.ready()));
    account = await register(one);
  });
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    build.remove();
    await dropDatabase(database);
  });

  const statusOfMe = async (url: string, token: string) => (await send(url, '/api/v1/users/me', { token })).status;
  const refresh = async (url: string, refresh_token: string): Promise<Received<Tokens>> =>
    send(url, '/api/v1/auth/refresh', { body: { refresh_token } });
  const expectDead = async ({ access_token, refresh_token }: Tokens) => {
    for (const url of [one, other]) {
      expect([await statusOfMe(url, access_token), (await refresh(url, refresh_token)).status]).toEqual([401, 401]);
    }
  };

  it.each<[string, (mine: Tokens, lost: Tokens) => Promise<Received>]>([
    ['a logout', async (_, { access_token: token }) => send(one, '/api/v1/auth/logout', { method: 'POST', token })],
    [
      'the owner on another device',
      async ({ access_token: token }, lost) =>
        send(one, `${SESSIONS}/${sessionOf(lost.access_token)}`, { method: 'DELETE', token }),
    ],
    [
      'the revocation of all other sessions',
      async ({ access_token: token }) => send(one, SESSIONS, { method: 'DELETE', token }),
    ],
  ])('revoked by %s are refused at the next request on every worker', async (_, endLost) => {
    const mine = await session(one, account);
    const lost = await session(other, account);
    // Both workers have verified and remembered the token.
    for (const url of [one, other]) expect(await statusOfMe(url, lost.access_token)).toBe(200);
    expect((await endLost(mine, lost)).status).toBe(204);
    await expectDead(lost);
    for (const url of [one, other]) expect(await statusOfMe(url, mine.access_token)).toBe(200);
  });

  it('get the same child from parallel refreshes, although the workers have different keys', async () => {
    const first = await session(one, account);
    const urls = Array.from({ length: PARALLEL }, (_, index) => (index % 2 ? one : other));
    const answers = await Promise.all(urls.map(async (url) => refresh(url, first.refresh_token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const children = new Set(answers.map(({ body }) => body.refresh_token));
    expect(children.size).toBe(1);
    const sql = 'SELECT generation FROM sessions WHERE id = $1 AND ended_at IS NULL';
    expect(await query(database, sql, [sessionOf(first.access_token)])).toEqual([{ generation: 1 }]);
    for (const url of [one, other]) expect((await refresh(url, [...children][0] ?? '')).status).toBe(200);
  });

  it('are revoked when any worker receives a reused refresh token', async () => {
    const first = await session(one, account);
    const second = (await refresh(other, first.refresh_token)).body;
    const third = (await refresh(one, second.refresh_token)).body;
    // The reused token is older than the grandparent, which is still in its grace period.
    const fourth = (await refresh(other, third.refresh_token)).body;
    expect((await refresh(other, first.refresh_token)).status).toBe(401);
    await expectDead(fourth);
  });
});
