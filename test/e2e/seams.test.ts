/** @own-sources because it declares errors, permissions or limits */
import { PASSWORD, register } from '../support/accounts.js';
import { CODE, CodeFactor, CodeFactorModule } from '../support/code-factor.module.js';
import { type Received, send } from '../support/http-client.js';
import { OrderKeys, OrdersModule } from '../support/orders.module.js';
import { TestApp } from '../support/test-app.js';

const PROBE = '/api/v1/probe/sign-in';
const ORDERS = '/api/v1/orders';

/** A second factor, a second type of bearer token and two permissions, all declared in test/. */
describe('a service extended with features from outside src', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [CodeFactorModule, OrdersModule] });
  });
  afterAll(() => app.stop());

  const ask = async (token: string): Promise<Received> => send(app.url, ORDERS, { token });

  it('signs in with two factors and authorizes a session and an API key by permission', async () => {
    const { id, username } = await register(app.url);
    app.nest.get(CodeFactor).enrolled.add(id);
    type Step = Received<{ challenge: { attemptToken: string }; session: { tokens: { access_token: string } } }>;
    const first: Step = await send(app.url, PROBE, { body: { username, password: PASSWORD } });
    const answer = { attempt_token: first.body.challenge.attemptToken, code: CODE };
    const second: Step = await send(app.url, `${PROBE}/advance`, { body: answer });
    const { access_token: token } = second.body.session.tokens;
    expect(await app.sql('SELECT aal, amr FROM sessions WHERE user_id = $1', [id])).toEqual([
      { aal: 2, amr: ['pwd', 'otp'] },
    ]);

    const keys = app.nest.get(OrderKeys);
    const [reader, canceller] = [keys.issue(id, ['orders:read']), keys.issue(id, ['orders:cancel'])];
    const statuses = async () => Promise.all([token, reader, canceller].map(async (each) => (await ask(each)).status));
    expect(await statuses()).toEqual([403, 403, 403]);
    await app.sql('UPDATE users SET is_superuser = true WHERE id = $1', [id]);
    expect(await statuses()).toEqual([200, 200, 403]);
  });
});
