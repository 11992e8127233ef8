/** @own-sources because it declares errors, permissions or limits */
import { type Account, signedIn } from '../support/accounts.js';
import { forge } from '../support/forged-tokens.js';
import { send } from '../support/http-client.js';
import { OrderKeys, OrdersModule } from '../support/orders.module.js';
import { sessionOf } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';
import type { Principal } from '../../src/access/principal.js';
import { BearerVerifiers } from '../../src/auth/tokens/bearer-verifiers.js';

const CLIENT = { address: '192.0.2.1', userAgent: null };

/** Calls the verifiers without an HTTP request, as a WebSocket gateway does. */
describe('BearerVerifiers', () => {
  let app: TestApp;
  let account: Account & { token: string };

  beforeAll(async () => {
    app = await TestApp.start({ imports: [OrdersModule] });
  });
  beforeEach(async () => {
    account = await signedIn(app.url);
  });
  afterAll(() => app.stop());

  const verify = async (token: string): Promise<Principal | null> =>
    app.nest.get(BearerVerifiers).verify(token, CLIENT);

  it('returns the principal of an access token with the assurance level of its session', async () => {
    const { id, username, token } = account;
    const sessionId = sessionOf(token);
    await app.sql(
      `UPDATE sessions SET aal = 2, amr = '{pwd,otp}', authenticated_at = '2026-01-04 10:00:00.25+00' WHERE id = $1`,
      [sessionId],
    );
    const principal = await verify(token);
    expect(principal).toEqual({
      kind: 'session',
      user: expect.objectContaining({ id, username, isActive: true, isSuperuser: false }) as unknown,
      permissions: new Set(),
      sessionId,
      aal: 2,
      amr: ['pwd', 'otp'],
      authenticatedAt: new Date('2026-01-04T10:00:00.250Z'),
      authenticationAge: expect.any(Number) as unknown,
    });
  });

  it('returns the permissions that the database currently grants', async () => {
    await app.sql('UPDATE users SET is_superuser = true WHERE id = $1', [account.id]);
    expect((await verify(account.token))?.permissions).toEqual(new Set(['orders:read', 'orders:cancel']));
    await app.sql('UPDATE users SET is_superuser = false WHERE id = $1', [account.id]);
    expect((await verify(account.token))?.permissions).toEqual(new Set());
  });

  it.each(['', '-', 'x', 'eyJ', 'eyJ.eyJ.', 'key_', '💡', 'x'.repeat(20_000)])('returns null for %j', async (token) => {
    expect(await verify(token)).toBeNull();
  });

  it('returns null for a forged token and for a signed null payload', async () => {
    expect(await verify(forge(account.token, { secret: 'x'.repeat(64) }))).toBeNull();
    expect(await verify(forge(account.token, { payload: 'null' }))).toBeNull();
    expect(await verify(account.token)).not.toBeNull();
  });

  it('returns null once the session has ended', async () => {
    await send(app.url, '/api/v1/auth/logout', { method: 'POST', token: account.token });
    expect(await verify(account.token)).toBeNull();
  });

  it('returns null for the session of another account', async () => {
    const other = await signedIn(app.url);
    expect(await verify(forge(account.token, { claims: { sid: sessionOf(other.token) } }))).toBeNull();
  });

  it('returns the principal of a token type that another module adds', async () => {
    const key = app.nest.get(OrderKeys).issue(account.id, ['orders:read']);
    expect(await verify(key)).toMatchObject({ kind: 'api-key', user: { id: account.id }, scopes: ['orders:read'] });
    expect(app.nest.get(OrderKeys).clients.at(-1)).toEqual(CLIENT);
  });
});
