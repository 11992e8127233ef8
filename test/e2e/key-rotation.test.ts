import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { signedIn, signIn } from '../support/accounts.js';
import { forge } from '../support/forged-tokens.js';
import { type Received, send } from '../support/http-client.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { TEST_SECRET, TestApp } from '../support/test-app.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';

const ME = '/api/v1/users/me';
const OLD = TEST_SECRET;
const NEW = 'the-key-that-comes-after-it-which-is-as-long-as-HS512-asks-for-as-well';
const OLDER = 'the-key-from-before-both-of-them-which-is-long-enough-for-HS512-too!!';
const DURING = { SECRET_KEY: NEW, SECRET_KEY_PREVIOUS: OLD };

const me = (base: string, token: string): Promise<Received> => send(base, ME, { token });

describe('changing SECRET_KEY', () => {
  let database: DatabaseSettings;

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => dropDatabase(database));

  async function under<Result>(
    settings: Record<string, string>,
    use: (url: string) => Promise<Result>,
  ): Promise<Result> {
    const app = await TestApp.start({ settings, database });
    try {
      return await use(app.url);
    } finally {
      await app.stop();
    }
  }

  it.each(['HS256', 'HS384', 'HS512'])('keeps tokens valid while the previous key is set (%s)', async (algorithm) => {
    const JWT_ALGORITHM = algorithm;
    const before = await under({ SECRET_KEY: OLD, JWT_ALGORITHM }, (url) => signedIn(url));
    await under({ ...DURING, JWT_ALGORITHM }, async (url) => {
      // The second request uses the cached verification.
      for (const _ of [1, 2]) expect((await me(url, before.token)).status).toBe(200);
      const after = await signIn(url, before);
      expect((await me(url, after)).body).toMatchObject({ id: before.id });
      expect((await me(url, before.token)).body).toMatchObject({ id: before.id });
    });
  });

  it('signs only with the new key, so that the previous one can be removed', async () => {
    const before = await under({ SECRET_KEY: OLD }, (url) => signedIn(url));
    const during = await under(DURING, (url) => signIn(url, before));
    await under({ SECRET_KEY: NEW }, async (url) => {
      expect((await me(url, during)).status).toBe(200);
      const gone = await me(url, before.token);
      expect([gone.status, gone.body]).toEqual([401, { detail: 'Could not validate credentials' }]);
    });
  });

  it('accepts the new key as the previous one, so that every worker knows it before one signs with it', async () => {
    const { token } = await under({ SECRET_KEY: NEW, SECRET_KEY_PREVIOUS: OLD }, (url) => signedIn(url));
    await under({ SECRET_KEY: OLD, SECRET_KEY_PREVIOUS: NEW }, async (url) => {
      expect((await me(url, token)).status).toBe(200);
    });
  });

  it('has the same response for tokens that neither key signed', async () => {
    await under(DURING, async (url) => {
      const { token } = await signedIn(url);
      const refused = await me(url, forge(token, { secret: OLDER }));
      expect([refused.status, refused.body]).toEqual([401, { detail: 'Could not validate credentials' }]);
      const older = await me(url, forge(token, { secret: `${OLD}\n` }));
      expect([older.status, older.body, older.headers['www-authenticate']]).toEqual([
        401,
        refused.body,
        refused.headers['www-authenticate'],
      ]);
    });
  });

  it('applies all checks to a token of the previous key', async () => {
    await under(DURING, async (url) => {
      const { token } = await signedIn(url);
      const past = Math.floor(Date.now() / 1000) - 1;
      const status = async (forgery: Parameters<typeof forge>[1]) =>
        (await me(url, forge(token, { secret: OLD, ...forgery }))).status;
      expect(await status({})).toBe(200);
      expect(await status({ claims: { exp: past } })).toBe(401);
      expect(await status({ claims: { exp: undefined } })).toBe(401);
      expect(await status({ claims: { iss: 'elsewhere' } })).toBe(401);
      expect(await status({ claims: { aud: 'elsewhere' } })).toBe(401);
      expect(await status({ payload: 'null' })).toBe(401);
    });
  });

  it.each(['none', 'HS384', 'HS512', 'RS256', 'hs256'])(
    'does not accept the algorithm %s with either key',
    async (alg) => {
      await under(DURING, async (url) => {
        const { token } = await signedIn(url);
        for (const secret of [OLD, NEW]) {
          // Once with the signature that the header names, once with the configured one.
          for (const signedAs of [alg, 'HS256']) {
            expect((await me(url, forge(token, { secret, signedAs, header: { alg } }))).status).toBe(401);
          }
          const [header, payload] = forge(token, { secret, header: { alg } }).split('.');
          expect((await me(url, `${header}.${payload}.`)).status).toBe(401);
        }
      });
    },
  );

  it('refuses a token of the previous key with another payload', async () => {
    await under(DURING, async (url) => {
      await signedIn(url);
      const { token } = await signedIn(url);
      const [header, , signature] = forge(token, { secret: OLD }).split('.');
      const [, payload] = forge(token, { secret: OLD, claims: { sub: '1' } }).split('.');
      expect((await me(url, `${header}.${payload}.${signature}`)).status).toBe(401);
    });
  });
});

describe('changing SECRET_KEY of a running service', () => {
  let build: ServiceBuild;
  let database: DatabaseSettings;
  const running: ServiceProcess[] = [];

  const start = (variables: Record<string, string>) => {
    const service = build.start({ ...variablesOf(database), ...variables });
    running.push(service);
    return service;
  };

  beforeAll(async () => {
    database = await createDatabase();
    build = await ServiceBuild.make();
  });
  afterAll(async () => {
    for (const service of running) service.kill('SIGKILL');
    await Promise.all(running.map(({ ended }) => ended));
    build.remove();
    await dropDatabase(database);
  });

  it('takes a restart with both keys and a later one with only the new key', async () => {
    const first = start({ SECRET_KEY: OLD });
    const { token, ...account } = await signedIn(await first.ready());
    await first.stop();

    const second = start(DURING);
    const url = await second.ready();
    expect((await me(url, token)).status).toBe(200);
    const renewed = await signIn(url, account);
    await second.stop();

    const third = start({ SECRET_KEY: NEW });
    const last = await third.ready();
    expect([(await me(last, token)).status, (await me(last, renewed)).status]).toEqual([401, 200]);
    await third.stop();
    for (const { output } of running) expect(output).not.toMatch(new RegExp(`${OLD}|${NEW}`));
  });

  it('fails with a weak previous key, which is not shown', async () => {
    const service = start({ SECRET_KEY: NEW, SECRET_KEY_PREVIOUS: 'secret-of-2020' });
    expect(await service.ended).toBe(78);
    expect(service.message).toContain(
      'SECRET_KEY_PREVIOUS cannot be used: it has 14 bytes, but HS256 needs at least 32',
    );
    expect(service.output).not.toContain('secret-of-2020');
  });

  it('warns when the previous key equals the current one', async () => {
    const service = start({ SECRET_KEY: NEW, SECRET_KEY_PREVIOUS: NEW });
    await service.said(/SECRET_KEY_PREVIOUS is the same as SECRET_KEY and has no effect/);
    await service.ready();
    await service.stop();
  });
});
