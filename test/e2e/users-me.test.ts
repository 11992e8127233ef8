import { signedIn, signIn, uniqueName } from '../support/accounts.js';
import { forge } from '../support/forged-tokens.js';
import { type Received, send } from '../support/http-client.js';
import { sessionOf } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';
import { PrincipalLoader } from '../../src/auth/sessions/principal-loader.js';
import { PrincipalReader } from '../../src/auth/sessions/principal-reader.js';

const ME = '/api/v1/users/me';

interface Me {
  id: number;
  username: string;
  email: string | null;
  is_active: boolean;
  is_superuser: boolean;
  created_at: string;
}

describe('GET /api/v1/users/me', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());
  afterEach(() => jest.restoreAllMocks());

  async function me(token: string): Promise<Received<Me>> {
    return send<Me>(app.url, ME, { token });
  }

  it('returns the account with exactly these fields in this order', async () => {
    const email = `${uniqueName()}@example.com`;
    const { id, username, token } = await signedIn(app.url, { email });
    await app.sql(`UPDATE users SET created_at = '2026-01-04 10:00:00.000123+00', updated_at = now() WHERE id = $1`, [
      id,
    ]);
    const answer = await me(token);
    expect(answer.status).toBe(200);
    expect(answer.text).toBe(
      `{"id":${id},"username":"${username}","email":"${email}","is_active":true,"is_superuser":false,` +
        `"created_at":"2026-01-04T10:00:00.000123Z"}`,
    );
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it.each([
    ['2026-01-04 10:00:00+00', '2026-01-04T10:00:00Z'],
    ['2026-01-04 10:00:00.5+00', '2026-01-04T10:00:00.500000Z'],
    ['2026-01-04 10:00:00.999999+05:30', '2026-01-04T04:30:00.999999Z'],
    ['1969-12-31 23:59:59.000001+00', '1969-12-31T23:59:59.000001Z'],
  ])('formats the time %s as %s', async (stored, wire) => {
    const { id, token } = await signedIn(app.url);
    await app.sql('UPDATE users SET created_at = $2 WHERE id = $1', [id, stored]);
    expect((await me(token)).body.created_at).toBe(wire);
  });

  it('returns an account without an address and with a non-Latin username', async () => {
    const username = uniqueName('Zoë 小林 😀 ');
    const { token } = await signedIn(app.url, { username });
    expect((await me(token)).body).toMatchObject({ username, email: null });
  });

  it('returns the same body as the registration', async () => {
    const body = { username: uniqueName(), password: 'secure123', email: `${uniqueName()}@example.com` };
    const registered = await send<Me>(app.url, '/api/v1/auth/register', { body });
    expect((await me(await signIn(app.url, body))).text).toBe(registered.text);
  });

  describe('under concurrent requests', () => {
    const USERS = 40;
    const REQUESTS = 200;
    const kinds = ['active', 'disabled', 'deleted', 'nonexistent', 'forged'] as const;
    const accounts: { kind: (typeof kinds)[number]; id: number; username: string; token: string }[] = [];

    beforeAll(async () => {
      for (let number = 0; number < USERS; number += 1) {
        // Every other account is active, and the rest rotate through the other kinds.
        const kind = number % 2 === 0 ? 'active' : (kinds[1 + (((number - 1) / 2) % 4)] ?? 'active');
        const { id, username, token: issued } = await signedIn(app.url);
        const token = {
          nonexistent: forge(issued, { claims: { sub: String(1_000_000 + id) } }),
          forged: forge(issued, { secret: 'x'.repeat(64) }),
        }[kind as string];
        accounts.push({ kind, id, username, token: token ?? issued });
      }
      const idsOf = (kind: string) => accounts.filter((account) => account.kind === kind).map(({ id }) => id);
      await app.sql('UPDATE users SET is_active = false WHERE id = ANY($1)', [idsOf('disabled')]);
      await app.sql('DELETE FROM users WHERE id = ANY($1)', [idsOf('deleted')]);
    });

    const requesters = () =>
      Array.from({ length: REQUESTS }, (_, number) => accounts[(number * 7) % USERS] ?? accounts[0]);

    function expectOwn(account: (typeof accounts)[number] | undefined, status: number, body: unknown): void {
      if (account?.kind === 'active') {
        expect([status, body]).toMatchObject([200, { id: account.id, username: account.username }]);
      } else {
        expect([account?.kind, status, body]).toEqual([
          account?.kind,
          401,
          { detail: 'Could not validate credentials' },
        ]);
      }
    }

    it('returns to each caller its own account or 401', async () => {
      const callers = requesters();
      const answers = await Promise.all(callers.map(async (account) => me(account?.token ?? '')));
      answers.forEach(({ status, body }, number) => expectOwn(callers[number], status, body));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(REQUESTS / 2);
    });

    it('shares a few queries between requests that arrive together', async () => {
      const find = jest.spyOn(app.nest.get(PrincipalReader), 'findAll');
      const callers = requesters();
      const answers = await Promise.all(
        callers.map(async (account) => {
          return app.nest.inject({ url: ME, headers: { authorization: `Bearer ${account?.token}` } });
        }),
      );
      answers.forEach(({ statusCode, body }, number) => expectOwn(callers[number], statusCode, JSON.parse(body)));
      expect(find.mock.calls.length).toBeGreaterThan(0);
      expect(find.mock.calls.length).toBeLessThan(REQUESTS / 10);
    });

    it('combines the look-ups of one event loop turn into one query, in any order and with repeats', async () => {
      const find = jest.spyOn(app.nest.get(PrincipalReader), 'findAll');
      const loader = app.nest.get(PrincipalLoader);
      const order = [...accounts.toReversed(), ...accounts, ...accounts];
      const found = await Promise.all(
        order.map(async ({ id, token }) => loader.load({ userId: id, sessionId: sessionOf(token) })),
      );
      expect(found.map((principal) => principal?.user.id)).toEqual(
        order.map(({ kind, id }) => (kind === 'deleted' || kind === 'disabled' ? undefined : id)),
      );
      expect(find).toHaveBeenCalledTimes(1);
      expect(find.mock.calls[0]?.[0]).toHaveLength(order.length);
    });

    it('caches nothing for the next turn', async () => {
      const loader = app.nest.get(PrincipalLoader);
      const { id, token } = await signedIn(app.url);
      const key = { userId: id, sessionId: sessionOf(token) };
      expect((await loader.load(key))?.user.isSuperuser).toBe(false);
      await app.sql('UPDATE users SET is_superuser = true WHERE id = $1', [id]);
      expect((await loader.load(key))?.user.isSuperuser).toBe(true);
    });

    it('responds with 503 to all requests of a failed look-up and recovers on the next', async () => {
      const active = accounts.filter(({ kind }) => kind === 'active');
      jest.spyOn(app.nest.get(PrincipalReader), 'findAll').mockRejectedValue(new Error('Connection terminated'));
      const failed = await Promise.all(active.map(async ({ token }) => me(token)));
      expect(new Set(failed.map(({ status }) => status))).toEqual(new Set([503]));
      jest.restoreAllMocks();
      const answers = await Promise.all(active.map(async ({ token }) => me(token)));
      expect(answers.map(({ body }) => body.id)).toEqual(active.map(({ id }) => id));
    });
  });
});
