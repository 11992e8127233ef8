import { register, signedIn, signIn } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const ACTIVITY = '/api/v1/users/me/activity';

interface Activity {
  items: { id: string; action: string; occurred_at: string; address: string | null; outcome: string; data: object }[];
  next_cursor: string | null;
  total?: number;
}

describe('GET /api/v1/users/me/activity', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const activity = (token: string, query = ''): Promise<Received<Activity>> =>
    send<Activity>(app.url, `${ACTIVITY}${query}`, { token });

  it('lists the events of the account, newest first', async () => {
    const account = await register(app.url);
    await send(app.url, '/api/v1/auth/login-json', { body: { username: account.username, password: 'wrong one' } });
    const token = await signIn(app.url, account);
    const { status, body } = await activity(token);
    expect(status).toBe(200);
    expect(body.items.map(({ action }) => action)).toEqual(['session.opened', 'login.failed', 'user.registered']);
    expect(body.items[1]).toMatchObject({
      outcome: 'failure',
      address: '127.0.0.1',
      data: { reason: 'wrong_password' },
    });
    expect(body.items[0]?.data).toEqual({ new_device: false, evicted: 0 });
    expect(body.items[0]?.occurred_at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('lists only the events of the caller, even with the cursor of another user', async () => {
    const [one, other] = [await signedIn(app.url), await signedIn(app.url)];
    const [ofOne, ofOther] = [await activity(one.token), await activity(other.token)];
    const ids = new Set(ofOne.body.items.map(({ id }) => id));
    expect(ofOther.body.items.filter(({ id }) => ids.has(id))).toEqual([]);
    const { next_cursor: cursor } = (await activity(other.token, '?limit=1')).body;
    const stolen = await activity(one.token, `?cursor=${cursor}`);
    expect(stolen.body.items.every(({ id }) => ids.has(id))).toBe(true);
  });

  it('is paginated by cursor and by offset', async () => {
    const { token, username } = await signedIn(app.url);
    for (let time = 0; time < 5; time += 1) {
      await send(app.url, '/api/v1/users/me', {
        method: 'PATCH',
        token,
        body: { display_name: `${username} ${time}` },
      });
    }
    const whole = (await activity(token, '?limit=100&include_total=true')).body;
    expect(whole.total).toBe(7);
    const seen: string[] = [];
    for (let query = '?limit=2'; query !== '';) {
      const { body } = await activity(token, query);
      seen.push(...body.items.map(({ id }) => id));
      query = body.next_cursor === null ? '' : `?limit=2&cursor=${body.next_cursor}`;
    }
    expect(seen).toEqual(whole.items.map(({ id }) => id));
    expect((await activity(token, '?skip=5')).body.items.map(({ id }) => id)).toEqual(seen.slice(5));
  });

  it('refuses a request without a token or with an invalid cursor', async () => {
    expect((await send(app.url, ACTIVITY)).status).toBe(401);
    const { token } = await signedIn(app.url);
    expect((await activity(token, '?cursor=x')).status).toBe(422);
  });
});
