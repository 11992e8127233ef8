import { PASSWORD, register } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

describe('POST /api/v1/auth/login', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it('gives a bearer token for a form, its fields first and its lifetime in seconds', async () => {
    const { username } = await register(app.url);
    const answer = await send(app.url, '/api/v1/auth/login', { body: new URLSearchParams({ username, password: PASSWORD }) });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body)).toEqual(['access_token', 'token_type', 'expires_in']);
    expect(answer.body).toMatchObject({ token_type: 'bearer', expires_in: 1800 });
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});
