import { PostgresQueryRunner } from 'typeorm/driver/postgres/PostgresQueryRunner.js';
import { register, signedIn, uniqueName } from '../support/accounts.js';
import { anotherClient, type Received, send } from '../support/http-client.js';
import { MailedApp } from '../support/mailed-app.js';
import { TestApp } from '../support/test-app.js';

const PATHS = ['/api/v1/auth/forgot-password', '/api/v1/auth/resend-verification'];

const newAddress = () => `${uniqueName('wish')}@example.com`;

describe('requesting a message', () => {
  let service: MailedApp;

  beforeAll(async () => {
    service = await MailedApp.start({
      settings: { RATE_LIMIT: 'on', MAIL_LIMIT_PER_HOUR: '3', EMAIL_VERIFICATION: 'optional' },
    });
  });
  afterAll(() => service.stop());

  const ask = async (path: string, email: string, from = anotherClient()) =>
    send(service.url, path, { body: { email }, from });

  it.each(PATHS)('has the same response for every address, byte for byte: %s', async (path) => {
    const [known, disabled] = [newAddress(), newAddress()];
    await register(service.url, { email: known });
    const { id } = await register(service.url, { email: disabled });
    await service.app.sql('UPDATE users SET is_active = false WHERE id = $1', [id]);
    const client = anotherClient();
    const answers: Received[] = [];
    for (const email of [known, newAddress(), disabled, known.toUpperCase()])
      answers.push(await ask(path, email, client));
    const [first, ...others] = answers.map(comparable);
    expect(first).toMatchObject({
      status: 202,
      text: '{"message":"If this address belongs to an account, a message is on its way."}',
    });
    for (const other of others) expect(other).toEqual(first);
  });

  it('is refused after too many address changes of one account', async () => {
    const { token } = await signedIn(service.url, { email: newAddress() });
    const change = async () =>
      send(service.url, '/api/v1/users/me/email', {
        body: { email: newAddress(), current_password: 'secure123' },
        token,
      });
    for (let count = 0; count < 3; count += 1) expect((await change()).status).toBe(202);
    const refused = await change();
    expect([refused.status, refused.text]).toEqual([429, '{"detail":"Too many messages. Please try again later."}']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('is refused after too many requests of one client, for known and unknown addresses', async () => {
    const client = anotherClient();
    await ask(PATHS[0] ?? '', newAddress(), client);
    await service.app.sql(`UPDATE rate_limits SET points = 100 WHERE key = $1`, [`mail:client:${client}`]);
    const known = newAddress();
    await register(service.url, { email: known });
    for (const email of [known, newAddress()]) {
      const answer = await ask(PATHS[1] ?? '', email, client);
      expect(answer.status).toBe(429);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await ask(PATHS[0] ?? '', known)).status).toBe(202);
  });
});

describe('the work before the response to a message request', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { EMAIL_VERIFICATION: 'optional' } });
  });
  afterAll(() => app.stop());

  /** The SQL statements of a request, in order. */
  async function statementsOf(path: string, email: string): Promise<string[]> {
    const query = jest.spyOn(PostgresQueryRunner.prototype, 'query');
    try {
      await send(app.url, path, { body: { email } });
      return query.mock.calls.map(([sql]) => sql);
    } finally {
      query.mockRestore();
    }
  }

  it.each(PATHS)('is the same for a known address and an unknown one: %s', async (path) => {
    const known = newAddress();
    await register(app.url, { email: known });
    const [ofKnown, ofUnknown] = [await statementsOf(path, known), await statementsOf(path, newAddress())];
    expect(ofUnknown.filter((sql) => /FROM "users"|audit_events|add_job|COMMIT/.test(sql))).toHaveLength(4);
    expect(ofKnown).toEqual(ofUnknown);
  });

  it('leaves neither an address nor a token in the queue', async () => {
    const email = newAddress();
    const { id } = await register(app.url, { email });
    for (const path of PATHS) await send(app.url, path, { body: { email } });
    const jobs = await app.sql('SELECT payload FROM graphile_worker._private_jobs');
    expect(jobs).toContainEqual({ payload: { userId: id, purpose: 'password_reset', language: 'en' } });
    expect(JSON.stringify(jobs)).not.toContain('@');
    const tokens = await app.sql('SELECT token_hash FROM one_time_tokens WHERE user_id = $1', [id]);
    expect(tokens).toEqual([{ token_hash: null }]);
  });
});

function comparable({ status, headers, text }: Received): { status: number; headers: unknown[][]; text: string } {
  const varying = new Set(['date', 'x-request-id', 'ratelimit-remaining', 'ratelimit-reset']);
  return { status, headers: Object.entries(headers).filter(([name]) => !varying.has(name)), text };
}
