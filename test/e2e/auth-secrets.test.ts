import { register, signIn, uniqueName } from '../support/accounts.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { type Received, send, type Sent } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const CANARY = 'canary-Zq7!-never-to-be-seen';
const HASH = /\$2[aby]\$/;

function holdsSecret(text: string): boolean {
  return text.includes(CANARY) || HASH.test(text);
}

describe('passwords and their hashes', () => {
  const { logger, lines } = collectingLogger();
  const answers: string[] = [];
  let app: TestApp;
  let username: string;
  let token: string;

  beforeAll(async () => {
    // At this level the log contains the SQL statements.
    app = await TestApp.start({ logger, settings: { LOG_LEVEL: 'debug' } });
    ({ username } = await register(app.url, { username: uniqueName(), password: CANARY }));
    token = await signIn(app.url, { username, password: CANARY });
    await failInEveryWay();
  });
  afterAll(() => app.stop());

  async function ask(path: string, sent: Sent): Promise<Received> {
    const answer = await send(app.url, path, sent);
    answers.push(JSON.stringify(answer.headers) + answer.text);
    return answer;
  }

  /** Causes every kind of refusal that handles the password. */
  async function failInEveryWay(): Promise<void> {
    for (const path of ['/api/v1/auth/register', '/api/v1/auth/login', '/api/v1/auth/login-json']) {
      await ask(path, { body: { username, password: CANARY } });
      await ask(path, { body: { username: 'x', password: CANARY, email: 'x' } });
      await ask(path, { body: { username, pasword: CANARY } });
      await ask(path, { body: { username: [{ [username]: CANARY }], password: { [CANARY]: CANARY } } });
      await ask(path, { body: { username, password: `${CANARY}\0` } });
      await ask(path, { body: [{ username, password: CANARY }] });
      await ask(path, { body: JSON.stringify(CANARY), headers: { 'content-type': 'application/json' } });
      await ask(path, { body: `{"password":"${CANARY}"`, headers: { 'content-type': 'application/json' } });
      await ask(path, { body: `password=${CANARY}`, headers: { 'content-type': 'text/plain' } });
      await ask(path, { body: new URLSearchParams({ username, password: CANARY, client_secret: CANARY }) });
      await ask(path, { body: new URLSearchParams(`password=${CANARY}&password=${CANARY}`) });
      await ask(`${path}?password=${CANARY}`, { method: 'POST', headers: { authorization: `Basic ${CANARY}` } });
    }
    await ask('/api/v1/users/me', { token });
    await ask('/api/v1/users/me', { token: CANARY });
  }

  it('do not appear in the log when the database refuses a write', async () => {
    await app.sql(`ALTER TABLE users ADD CONSTRAINT refuse CHECK (username NOT LIKE 'refused%')`);
    const answer = await ask('/api/v1/auth/register', { body: { username: uniqueName('refused'), password: CANARY } });
    expect(answer.status).toBe(500);
    expect(lines.join('')).toContain('request failed');
    expect(lines.filter((line) => holdsSecret(line))).toEqual([]);
  });

  it('do not appear in any response', () => {
    expect(answers.length).toBeGreaterThan(38);
    expect(answers.filter((answer) => holdsSecret(answer))).toEqual([]);
  });

  it('do not appear in the log, and neither does the token', () => {
    expect(lines.length).toBeGreaterThan(38);
    expect(lines.some((line) => line.includes('INSERT INTO'))).toBe(true);
    expect(lines.filter((line) => holdsSecret(line) || line.includes(token))).toEqual([]);
  });

  it('are stored only as a hash in its column', async () => {
    const tables = await app.sql<{ name: string }>(
      `SELECT quote_ident(table_name) AS name FROM information_schema.tables
        WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`,
    );
    const rows = await Promise.all(
      tables.map(async ({ name }) =>
        app.sql<{ row: Record<string, unknown> }>(`SELECT to_jsonb(t) AS row FROM ${name} t`),
      ),
    );
    const cells = rows.flat().flatMap(({ row }) => Object.entries(row));
    expect(JSON.stringify(cells)).not.toContain(CANARY);
    const hashed = cells.filter(([, value]) => HASH.test(JSON.stringify(value)));
    expect(new Set(hashed.map(([column]) => column))).toEqual(new Set(['hashed_password']));
  });
});
