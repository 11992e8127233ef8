import { AnonymousEventLimit } from '../../src/audit/anonymous-event-limit.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { PASSWORD, register, uniqueName } from '../support/accounts.js';
import { anotherClient, type Received, send } from '../support/http-client.js';
import { scrape, valueIn } from '../support/scrape.js';
import { TestApp } from '../support/test-app.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';

const MOST = 100;
const SENT = MOST + 20;

describe('events without a subject', () => {
  let app: TestApp;
  let database: DatabaseSettings;

  beforeEach(async () => {
    database = await createDatabase();
    app = await TestApp.start({ database });
  });
  afterEach(() => dropDatabase(database));

  const events = async () =>
    query<{ action: string; subject_id: number | null; data: Record<string, unknown> }>(
      database,
      'SELECT action, subject_id, data FROM audit_events ORDER BY id',
    );
  const countOf = async (action: string) =>
    (await events()).filter((event) => event.action === action && event.subject_id === null).length;
  const fail = async (username: string): Promise<Received> =>
    send(app.url, '/api/v1/auth/login-json', { body: { username, password: 'wrong-password' }, from: anotherClient() });
  const requestMail = async (path: string): Promise<Received> =>
    send(app.url, `/api/v1/auth/${path}`, { body: { email: `${uniqueName()}@example.com` }, from: anotherClient() });

  const CAUSES: [string, string, () => Promise<Received>, number][] = [
    ['a sign-in with an unknown username', 'login.failed', async () => fail(uniqueName('nobody')), 401],
    ['a request for a password reset', 'password.reset_requested', async () => requestMail('forgot-password'), 202],
    [
      'a request for a verification mail',
      'email.verification_requested',
      async () => requestMail('resend-verification'),
      202,
    ],
  ];

  it.each(CAUSES)(
    'are capped across all clients, and omitted events are counted: %s',
    async (_what, action, cause, status) => {
      for (let index = 0; index < SENT; index += 1) expect((await cause()).status).toBe(status);
      expect(await countOf(action)).toBe(MOST);
      const text = await scrape(app.url);
      expect(valueIn(text, 'audit_events_omitted_total', { action })).toBe(SENT - MOST);
      expect(valueIn(text, 'audit_events_total', { action })).toBe(MOST);
      await app.nest.get(AnonymousEventLimit).endWindow();
      expect((await events()).at(-1)).toMatchObject({
        action: 'audit.events_omitted',
        data: { omitted: action, events: SENT - MOST },
      });
      expect((await cause()).status).toBe(status);
      expect(await countOf(action)).toBe(MOST + 1);
      await app.stop();
    },
  );

  it('do not suppress events of another action or of an account', async () => {
    const account = await register(app.url);
    for (let index = 0; index < SENT; index += 1) await fail(uniqueName('nobody'));
    await fail(account.username);
    await requestMail('forgot-password');
    const { username } = account;
    await send(app.url, '/api/v1/auth/login-json', { body: { username, password: PASSWORD } });
    expect((await events()).slice(-3).map(({ action, subject_id: subject }) => [action, subject])).toEqual([
      ['login.failed', account.id],
      ['password.reset_requested', null],
      ['session.opened', account.id],
    ]);
    await app.stop();
  });

  it('are recorded as omitted when the process stops', async () => {
    for (let index = 0; index < SENT; index += 1) await fail(uniqueName('nobody'));
    await app.stop();
    expect((await events()).at(-1)).toMatchObject({
      action: 'audit.events_omitted',
      data: { omitted: 'login.failed', events: SENT - MOST },
    });
  });
});
