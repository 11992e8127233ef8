import { AuditPartitions } from '../../src/audit/audit-partitions.js';
import { AuditMetrics } from '../../src/audit/audit-metrics.js';
import { JobRegistry } from '../../src/jobs/job-registry.js';
import { PASSWORD, register, session, signIn, uniqueName } from '../support/accounts.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { send } from '../support/http-client.js';
import { scrape, valueIn } from '../support/scrape.js';
import { sessionOf } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';

describe('the audit log of a running service', () => {
  const { logger, lines } = collectingLogger();
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      logger,
      settings: { RATE_LIMIT: 'on', RATE_LIMIT_LOGIN_ACCOUNT: '3', RATE_LIMIT_PER_MINUTE: '100000', WORKER: 'off' },
    });
  });
  beforeEach(async () => {
    await app.sql('TRUNCATE rate_limits');
    since = (await app.sql<{ id: string }>('SELECT coalesce(max(id), 0) AS id FROM audit_events'))[0]?.id ?? '0';
  });
  afterAll(() => app.stop());

  let since = '0';
  /** The events of this test, with their personal details. */
  const events = async () =>
    app.sql<Record<string, unknown>>(
      `SELECT action, outcome, e.actor_id, e.subject_id, request_id, data, address, user_agent, personal
         FROM audit_events e LEFT JOIN audit_details d ON d.event_id = e.id AND d.occurred_at = e.occurred_at
        WHERE e.id > $1 ORDER BY e.id`,
      [since],
    );
  const login = async (username: string, password: string, headers: Record<string, string> = {}) =>
    send(app.url, '/api/v1/auth/login-json', { body: { username, password }, headers });

  it('records a registration', async () => {
    const { id } = await register(app.url);
    expect(await events()).toMatchObject([
      { action: 'user.registered', outcome: 'success', actor_id: id, subject_id: id, address: '127.0.0.1' },
    ]);
  });

  it('records a registration refused for a taken username or address, without a subject', async () => {
    const email = `${uniqueName()}@example.com`;
    const { username } = await register(app.url, { email });
    for (const body of [{ username: username.toUpperCase() }, { username: uniqueName(), email }]) {
      expect((await send(app.url, '/api/v1/auth/register', { body: { password: PASSWORD, ...body } })).status).toBe(
        400,
      );
    }
    const refused = { action: 'user.registration_refused', outcome: 'failure', actor_id: null, subject_id: null };
    const [, ...recorded] = await events();
    expect(recorded).toMatchObject([
      { ...refused, data: { reason: 'users.username_taken' }, address: '127.0.0.1', personal: null },
      { ...refused, data: { reason: 'users.email_taken' } },
    ]);
  });

  it('records a rename refused for a taken username', async () => {
    const [{ username }, other] = [await register(app.url), await register(app.url)];
    const token = await signIn(app.url, other);
    const answer = await send(app.url, '/api/v1/users/me', { method: 'PATCH', token, body: { username } });
    expect(answer.status).toBe(400);
    expect((await events()).at(-1)).toMatchObject({
      action: 'user.update_refused',
      outcome: 'failure',
      subject_id: other.id,
      data: { reason: 'users.username_taken' },
      personal: null,
    });
  });

  describe('for a refused refresh token', () => {
    const refresh = async (refresh_token: string) =>
      (await send(app.url, '/api/v1/auth/refresh', { body: { refresh_token } })).status;
    const refused = { action: 'session.refresh_refused', outcome: 'failure', actor_id: null, address: '127.0.0.1' };

    it('records a genuine one at most once per minute and session, with the reason', async () => {
      const account = await register(app.url);
      const [ended, deleted] = [await session(app.url, account), await session(app.url, account)];
      const logout = { method: 'POST', token: ended.access_token };
      expect((await send(app.url, '/api/v1/auth/logout', logout)).status).toBe(204);
      await app.sql('DELETE FROM sessions WHERE id = $1', [sessionOf(deleted.access_token)]);
      const before = (await events()).length;
      for (let tries = 0; tries < 5; tries += 1) {
        expect([await refresh(ended.refresh_token), await refresh(deleted.refresh_token)]).toEqual([401, 401]);
      }
      expect((await events()).slice(before)).toMatchObject([
        { ...refused, subject_id: account.id, data: { reason: 'session_over' } },
        { ...refused, subject_id: null, data: { reason: 'unknown_session' } },
      ]);
    });

    it('does not record a forged one', async () => {
      const { refresh_token } = await session(app.url, await register(app.url));
      const before = (await events()).length;
      expect(await refresh(`${refresh_token.slice(0, -2)}AA`)).toBe(401);
      expect(await refresh('A'.repeat(92))).toBe(401);
      expect((await events()).slice(before)).toEqual([]);
    });
  });

  it('records a rate-limited export and rename at most once per minute', async () => {
    const account = await register(app.url);
    const token = await signIn(app.url, account);
    const keys = [`export:account:${account.id}`, `rename:account:${account.id}`];
    await app.sql(
      `INSERT INTO rate_limits (key, points, expires_at) SELECT key, 10, now() + interval '1 hour' FROM unnest($1::text[]) AS key`,
      [keys],
    );
    for (let tries = 0; tries < 3; tries += 1) {
      expect((await send(app.url, '/api/v1/users/me/export', { token })).status).toBe(429);
      const body = { username: uniqueName() };
      expect((await send(app.url, '/api/v1/users/me', { method: 'PATCH', token, body })).status).toBe(429);
    }
    expect((await events()).filter(({ action }) => String(action).endsWith('_refused'))).toMatchObject([
      { action: 'user.export_refused', subject_id: account.id, outcome: 'failure' },
      { action: 'user.update_refused', subject_id: account.id, data: { reason: 'users.too_many_renames' } },
    ]);
  });

  it('prevents the creation of an account that cannot be recorded', async () => {
    await app.sql("ALTER TABLE audit_events ADD CONSTRAINT none CHECK (action <> 'user.registered') NOT VALID");
    const username = uniqueName();
    const answer = await send(app.url, '/api/v1/auth/register', { body: { username, password: PASSWORD } });
    await app.sql('ALTER TABLE audit_events DROP CONSTRAINT none');
    expect(answer.status).toBe(500);
    expect(await app.sql('SELECT FROM users WHERE username = $1', [username])).toEqual([]);
  });

  it('records a wrong password with the request id, address and user agent', async () => {
    const account = await register(app.url);
    const answer = await login(account.username, 'wrong', { 'user-agent': 'curl/8', 'x-request-id': 'audit-1' });
    expect(answer.status).toBe(401);
    expect((await events()).at(-1)).toEqual({
      action: 'login.failed',
      outcome: 'failure',
      actor_id: null,
      subject_id: account.id,
      request_id: 'audit-1',
      data: { reason: 'wrong_password' },
      address: '127.0.0.1',
      user_agent: 'curl/8',
      personal: null,
    });
  });

  it('records a sign-in with an unknown username without the username, which may be a mistyped password', async () => {
    const typed = uniqueName('hunter2');
    await login(typed, 'wrong');
    const found = await events();
    expect(found).toMatchObject([{ action: 'login.failed', subject_id: null, data: { reason: 'unknown_name' } }]);
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });

  it('records a sign-in to a disabled account with the correct password', async () => {
    const account = await register(app.url);
    await app.sql('UPDATE users SET is_active = false WHERE id = $1', [account.id]);
    expect((await login(account.username, account.password)).status).toBe(400);
    expect((await events()).at(-1)).toMatchObject({ subject_id: account.id, data: { reason: 'inactive' } });
  });

  it('records a failed sign-in by form', async () => {
    const account = await register(app.url);
    const form = new URLSearchParams({ username: account.username, password: 'wrong' });
    const answer = await send(app.url, '/api/v1/auth/login', { body: form });
    expect(answer.status).toBe(401);
    expect((await events()).at(-1)).toMatchObject({ action: 'login.failed', subject_id: account.id });
  });

  it('records a flood of throttled sign-ins as one event', async () => {
    const account = await register(app.url);
    const answers = [];
    for (let count = 0; count < 10; count += 1) answers.push((await login(account.username, 'wrong')).status);
    expect(answers).toEqual([401, 401, 401, 429, 429, 429, 429, 429, 429, 429]);
    const found = (await events()).slice(1);
    expect(found.map(({ action }) => action)).toEqual([
      'login.failed',
      'login.failed',
      'login.failed',
      'login.throttled',
    ]);
    expect(found[3]).toMatchObject({ subject_id: account.id, data: { limit: 'account' }, address: '127.0.0.1' });
  });

  it('records nothing for an invalid request', async () => {
    expect((await send(app.url, '/api/v1/auth/login-json', { body: { username: 'x' } })).status).toBe(422);
    expect(await events()).toEqual([]);
  });

  it('truncates a user agent of 7 KB, which does not fail the sign-in', async () => {
    const account = await register(app.url);
    const answer = await login(account.username, account.password, { 'user-agent': 'x'.repeat(7000) });
    expect(answer.status).toBe(200);
    expect((await login(account.username, 'wrong', { 'user-agent': 'y'.repeat(7000) })).status).toBe(401);
    expect((await events()).at(-1)).toMatchObject({ user_agent: 'y'.repeat(512) });
  });

  it('counts and logs a failed sign-in that cannot be recorded, without changing the response', async () => {
    const account = await register(app.url);
    await app.sql("ALTER TABLE audit_events ADD CONSTRAINT none CHECK (action <> 'login.failed') NOT VALID");
    const before = valueIn(await scrape(app.url), 'audit_write_failures_total');
    const answer = await login(account.username, 'wrong');
    await app.sql('ALTER TABLE audit_events DROP CONSTRAINT none');
    expect(answer.status).toBe(401);
    expect(valueIn(await scrape(app.url), 'audit_write_failures_total')).toBe(before + 1);
    expect(lines.filter((line) => line.includes('an event is missing from the audit log'))).toHaveLength(1);
    expect(await login(account.username, account.password)).toMatchObject({ status: 200 });
  });

  it('has a metric for each action, starting at zero', async () => {
    const account = await register(app.url);
    await login(account.username, 'wrong');
    const text = await scrape(app.url);
    const failed = { action: 'login.failed', outcome: 'failure' };
    expect(valueIn(text, 'audit_events_total', failed)).toBeGreaterThan(0);
    expect(valueIn(text, 'audit_events_total', { action: 'audit.months_dropped' })).toBe(0);
  });

  describe('jobs', () => {
    const job = async (name: string) => {
      const handler = app.nest.get(JobRegistry).all.get(name);
      await handler?.({}, { jobId: '1', attempt: 1, signal: new AbortController().signal });
    };

    it('seal every minute and write the head of the chain to the log, outside the database', async () => {
      expect(app.nest.get(JobRegistry).schedules.get('audit.seal')).toBe('* * * * *');
      await signIn(app.url, await register(app.url));
      await app.nest.get(AuditMetrics).refresh();
      expect(valueIn(await scrape(app.url), 'audit_unsealed_events')).toBeGreaterThan(0);
      expect(valueIn(await scrape(app.url), 'audit_unsealed_seconds')).toBeGreaterThan(0);
      await job('audit.seal');
      const [head] = await app.sql<{ anchor: string }>(
        `SELECT seq || ':' || encode(hash, 'hex') AS anchor FROM audit_seals ORDER BY seq DESC LIMIT 1`,
      );
      const logged = lines.filter((line) => line.includes('the audit log is sealed')).map((line) => JSON.parse(line));
      expect(logged).toEqual([expect.objectContaining({ level: 30, context: 'Audit', anchor: head?.anchor })]);
      expect(valueIn(await scrape(app.url), 'audit_unsealed_events')).toBe(0);
      await job('audit.seal');
      expect(lines.filter((line) => line.includes('the audit log is sealed'))).toHaveLength(1);
    });

    it('create and drop months every night', async () => {
      expect(app.nest.get(JobRegistry).schedules.get('audit.months')).toMatch(/^\d+ \d+ \* \* \*$/);
      const made = jest.spyOn(app.nest.get(AuditPartitions), 'createAhead');
      const dropped = jest.spyOn(app.nest.get(AuditPartitions), 'dropExpired');
      await job('audit.months');
      expect([made.mock.calls.length, dropped.mock.calls.length]).toEqual([1, 1]);
    });
  });
});
