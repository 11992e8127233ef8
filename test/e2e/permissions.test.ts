/** @own-sources because it declares errors, permissions or limits */
import { signedIn } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { OrderKeys, OrdersModule } from '../support/orders.module.js';
import { TestApp } from '../support/test-app.js';

const ORDERS = '/api/v1/orders';
const CANCELLATIONS = '/api/v1/cancellations';
const DENIED = '{"detail":"You do not have permission to do this."}';

describe('a route that requires a permission', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [OrdersModule] });
  });
  afterAll(() => app.stop());

  const ask = async (token: string, path = ORDERS): Promise<Received> => send(app.url, path, { token });

  async function setSuperuser(id: number, isSuperuser: boolean): Promise<void> {
    await app.sql('UPDATE users SET is_superuser = $2 WHERE id = $1', [id, isSuperuser]);
  }

  async function superuser(): ReturnType<typeof signedIn> {
    const account = await signedIn(app.url);
    await setSuperuser(account.id, true);
    return account;
  }

  function expectDenied({ status, text }: Received): void {
    expect([status, text]).toEqual([403, DENIED]);
  }

  it.each([ORDERS, CANCELLATIONS])('responds with 401 without a valid token: %s', async (path) => {
    for (const [headers, detail] of [
      [{}, 'Not authenticated'],
      [{ authorization: 'Bearer x' }, 'Could not validate credentials'],
    ] as const) {
      const answer = await send(app.url, path, { headers });
      expect([answer.status, answer.body, answer.headers['www-authenticate']]).toEqual([401, { detail }, 'Bearer']);
    }
  });

  it.each([ORDERS, CANCELLATIONS])('refuses an ordinary account and serves a superuser: %s', async (path) => {
    expectDenied(await ask((await signedIn(app.url)).token, path));
    expect((await ask((await superuser()).token, path)).status).toBe(200);
  });

  it('has its own code in problem details', async () => {
    const { token } = await signedIn(app.url);
    const answer = await send(app.url, ORDERS, { token, headers: { accept: 'application/problem+json' } });
    expect(answer.body).toMatchObject({ status: 403, code: 'auth.permission_denied' });
    expect(answer.headers['www-authenticate']).toBeUndefined();
  });

  it('applies a granted and a revoked right on the next request of an existing session', async () => {
    const { id, token } = await signedIn(app.url);
    expectDenied(await ask(token));
    await setSuperuser(id, true);
    expect((await ask(token)).body).toEqual({ kind: 'session', user: id });
    await setSuperuser(id, false);
    expectDenied(await ask(token));
  });

  it('does not restrict other routes', async () => {
    const { token } = await signedIn(app.url);
    expect((await ask(token, `${ORDERS}/own`)).status).toBe(200);
    expect((await ask(token, '/api/v1/users/me')).status).toBe(200);
  });

  it('is documented with its permission and 403', async () => {
    const { body } = await send<{ paths: Record<string, { get: { description: string; responses: object } }> }>(
      app.url,
      '/openapi.json',
    );
    const { description, responses } = body.paths[ORDERS]?.get ?? {};
    expect(description).toBe('List all orders. Requires the permission `orders:read` (Read all orders).');
    expect(responses).toHaveProperty(['403', 'content', 'application/json', 'examples', 'auth.permission_denied']);
    expect(body.paths['/api/v1/users/me']?.get.responses).not.toHaveProperty('403');
  });

  describe('with an API key', () => {
    it('accepts a key whose scopes and owner both have the permission', async () => {
      const owner = await superuser();
      const key = app.nest.get(OrderKeys).issue(owner.id, ['orders:read']);
      expect((await ask(key)).body).toEqual({ kind: 'api-key', user: owner.id });
    });

    it('refuses a key without the scope or whose owner lacks the permission', async () => {
      const [owner, ordinary] = [await superuser(), await signedIn(app.url)];
      const keys = app.nest.get(OrderKeys);
      expectDenied(await ask(keys.issue(owner.id, ['orders:cancel'])));
      expectDenied(await ask(keys.issue(owner.id, [])));
      expectDenied(await ask(keys.issue(ordinary.id, ['orders:read'])));
    });

    it('refuses a key on routes that do not require a permission', async () => {
      const owner = await superuser();
      const key = app.nest.get(OrderKeys).issue(owner.id, ['orders:read', 'orders:cancel']);
      for (const path of [`${ORDERS}/own`, '/api/v1/users/me', '/api/v1/users/me/sessions']) {
        expectDenied(await ask(key, path));
      }
      expectDenied(await send(app.url, '/api/v1/auth/logout', { method: 'POST', token: key }));
      expect((await ask(key, '/health')).status).toBe(200);
    });

    it('refuses an unknown key and the key of a disabled owner', async () => {
      const owner = await superuser();
      const key = app.nest.get(OrderKeys).issue(owner.id, ['orders:read']);
      await app.sql('UPDATE users SET is_active = false WHERE id = $1', [owner.id]);
      for (const token of [key, 'key_unknown']) {
        const { status, body } = await ask(token);
        expect([status, body]).toEqual([401, { detail: 'Could not validate credentials' }]);
      }
    });

    it('passes the client to the verifier', async () => {
      const keys = app.nest.get(OrderKeys);
      await send(app.url, ORDERS, { token: 'key_client', headers: { 'user-agent': 'orders/1.0' } });
      expect(keys.clients.at(-1)).toEqual({ address: '127.0.0.1', userAgent: 'orders/1.0' });
    });
  });
});
