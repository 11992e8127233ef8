import pg from 'pg';
import { type Account, register, session } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

/**
 * Each statement is a round trip to the database, so a change that adds one to a common request fails here. Rate limits
 * are on, as in production.
 */
describe('the number of SQL statements of a common request', () => {
  let app: TestApp;
  let account: Account;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { RATE_LIMIT: 'on' } });
    account = await register(app.url);
  });
  afterAll(() => app.stop());

  /** The statements of a request, including those that begin and end its transaction. */
  async function statementsOf(request: () => Promise<unknown>): Promise<string[]> {
    const query = jest.spyOn(pg.Client.prototype, 'query');
    try {
      await request();
      const statements = query.mock.calls.map(([statement]: unknown[]) =>
        typeof statement === 'string' ? statement : (statement as pg.QueryConfig).text,
      );
      // The metrics of the audit log are read in the background.
      return statements.filter((sql) => !/FROM "?audit_unsealed/.test(sql));
    } finally {
      query.mockRestore();
    }
  }

  it('is at most 9 for a sign-in', async () => {
    const statements = await statementsOf(() => session(app.url, account));
    expect(statements.length).toBeLessThanOrEqual(9);
  });

  it('is one for the profile', async () => {
    const { access_token: token } = await session(app.url, account);
    const statements = await statementsOf(() => send(app.url, '/api/v1/users/me', { token }));
    expect(statements).toHaveLength(1);
  });

  it('is one for a refresh', async () => {
    const { refresh_token } = await session(app.url, account);
    const statements = await statementsOf(() => send(app.url, '/api/v1/auth/refresh', { body: { refresh_token } }));
    expect(statements).toHaveLength(1);
  });
});
