import { signedIn } from '../support/accounts.js';
import { forge } from '../support/forged-tokens.js';
import { send } from '../support/http-client.js';
import { TEST_SECRET, TestApp } from '../support/test-app.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';

const ME = '/api/v1/users/me';

/** Runs one service at a time, because passport keeps its strategies in one registry per process. */
describe('access tokens under changed settings', () => {
  let database: DatabaseSettings;

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => dropDatabase(database));

  /** Runs `use` against a service that is started with these settings. */
  async function under<Result>(
    settings: Record<string, string>,
    use: (app: TestApp) => Promise<Result>,
  ): Promise<Result> {
    const app = await TestApp.start({ settings, database });
    try {
      return await use(app);
    } finally {
      await app.stop();
    }
  }

  async function statusOf(app: TestApp, token: string): Promise<number> {
    return (await send(app.url, ME, { token })).status;
  }

  function part(token: string, index: 0 | 1): unknown {
    return JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString());
  }

  it.each(['HS384', 'HS512'])(
    'are signed with %s when JWT_ALGORITHM is set to it, and refused with any other algorithm',
    async (algorithm) => {
      await under({ JWT_ALGORITHM: algorithm }, async (app) => {
        const { token } = await signedIn(app.url);
        expect(part(token, 0)).toMatchObject({ alg: algorithm, typ: 'JWT' });
        expect(await statusOf(app, token)).toBe(200);
        for (const signedAs of ['HS256', 'HS384', 'HS512']) {
          expect([signedAs, await statusOf(app, forge(token, { signedAs }))]).toEqual([
            signedAs,
            signedAs === algorithm ? 200 : 401,
          ]);
        }
      });
    },
  );

  it.each([
    ['another secret', { SECRET_KEY: `${TEST_SECRET}!` }],
    ['another issuer', { JWT_ISSUER: 'elsewhere' }],
    ['another audience', { JWT_AUDIENCE: 'elsewhere' }],
  ])('are refused by a service on the same database with %s', async (_name, settings) => {
    const { token } = await under({}, async (app) => signedIn(app.url));
    expect(await under(settings, async (app) => statusOf(app, token))).toBe(401);
    expect(await under({}, async (app) => statusOf(app, token))).toBe(200);
  });

  it('expire after ACCESS_TOKEN_EXPIRE_MINUTES, which expires_in gives in seconds', async () => {
    await under({ ACCESS_TOKEN_EXPIRE_MINUTES: '7' }, async (app) => {
      const { username, password } = await signedIn(app.url);
      const answer = await send<{ access_token: string; expires_in: number }>(app.url, '/api/v1/auth/login-json', {
        body: { username, password },
      });
      const { iat, exp } = part(answer.body.access_token, 1) as { iat: number; exp: number };
      expect([exp - iat, answer.body.expires_in]).toEqual([420, 420]);
    });
  });

  it.each([
    { SESSION_IDLE_DAYS: '2', SESSION_MAX_DAYS: '90' },
    { SESSION_IDLE_DAYS: '30', SESSION_MAX_DAYS: '2' },
  ])('expire with their session at the latest: %j', async (days) => {
    await under({ ACCESS_TOKEN_EXPIRE_MINUTES: '525600', ...days }, async (app) => {
      const { username, password } = await signedIn(app.url);
      const answer = await send<{ access_token: string; expires_in: number }>(app.url, '/api/v1/auth/login-json', {
        body: { username, password },
      });
      const { iat, exp } = part(answer.body.access_token, 1) as { iat: number; exp: number };
      expect([exp - iat, answer.body.expires_in]).toEqual([172_800, 172_800]);
    });
  });

  it('carry the configured issuer and audience', async () => {
    const settings = { JWT_ISSUER: 'https://issuer.example', JWT_AUDIENCE: 'the clients' };
    await under(settings, async (app) => {
      const { token } = await signedIn(app.url);
      expect(part(token, 1)).toMatchObject({ iss: settings.JWT_ISSUER, aud: settings.JWT_AUDIENCE });
      expect(await statusOf(app, token)).toBe(200);
    });
  });
});
