import { PrincipalLoader } from '../../src/auth/sessions/principal-loader.js';
import { signedIn, session } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { sessionOf } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';

describe('the authentication of a session', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it('is the password at the time of the sign-in', async () => {
    const { id, token } = await signedIn(app.url);
    const sessionId = sessionOf(token);
    const [row] = await app.sql<{ aal: number; amr: string[]; at: Date }>(
      'SELECT aal, amr, authenticated_at AS at FROM sessions WHERE id = $1 AND authenticated_at = created_at',
      [sessionId],
    );
    expect(row).toMatchObject({ aal: 1, amr: ['pwd'] });
    const principal = await app.nest.get(PrincipalLoader).load({ userId: id, sessionId });
    expect(principal).toMatchObject({ aal: 1, amr: ['pwd'], authenticatedAt: new Date(row?.at ?? 0) });
    expect(principal?.authenticationAge).toBeGreaterThan(0);
  });

  it('is loaded with the principal, with its age by the clock of the database', async () => {
    const { id, token } = await signedIn(app.url);
    const sessionId = sessionOf(token);
    const stronger = `UPDATE sessions SET aal = 2, amr = '{pwd,otp}', authenticated_at = now() - interval '3 days 1 hour' WHERE id = $1`;
    await app.sql(stronger, [sessionId]);
    const clock = jest.spyOn(Date, 'now').mockReturnValue(0);
    const principal = await app.nest.get(PrincipalLoader).load({ userId: id, sessionId });
    clock.mockRestore();
    expect(principal).toMatchObject({ aal: 2, amr: ['pwd', 'otp'] });
    expect(Math.floor((principal?.authenticationAge ?? 0) / 60)).toBe(73 * 60);
  });

  it('is not renewed by a refresh', async () => {
    const account = await signedIn(app.url);
    const { access_token, refresh_token } = await session(app.url, account);
    const sessionId = sessionOf(access_token);
    await app.sql(`UPDATE sessions SET authenticated_at = now() - interval '1 hour' WHERE id = $1`, [sessionId]);
    const time = async () => app.sql('SELECT authenticated_at, aal, amr FROM sessions WHERE id = $1', [sessionId]);
    const before = await time();
    expect((await send(app.url, '/api/v1/auth/refresh', { body: { refresh_token } })).status).toBe(200);
    expect(await time()).toEqual(before);
  });
});
