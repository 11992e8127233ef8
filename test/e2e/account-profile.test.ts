import { register, signedIn, signIn, uniqueName } from '../support/accounts.js';
import { type Received, send, type Sent } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const ME = '/api/v1/users/me';
const PROFILE = '/api/v1/users/me/profile';

interface Profile {
  id: number;
  username: string;
  display_name: string | null;
  updated_at: string | null;
}

describe('PATCH /api/v1/users/me', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const patch = (token: string, body: Sent['body']): Promise<Received<Profile>> =>
    send<Profile>(app.url, ME, { method: 'PATCH', token, body });
  const rowOf = async (id: number): Promise<object | undefined> =>
    (await app.sql('SELECT users.*, updated_at IS NOT NULL AS updated FROM users WHERE id = $1', [id]))[0];
  const eventsOf = (id: number): Promise<{ data: object; personal: object | null }[]> =>
    app.sql(
      `SELECT data, personal FROM audit_events e LEFT JOIN audit_details d ON d.event_id = e.id
        WHERE e.subject_id = $1 AND action = 'user.updated' ORDER BY e.id`,
      [id],
    );

  it('changes the display name and responds with the profile', async () => {
    const { id, username, token } = await signedIn(app.url, { email: `${uniqueName()}@example.com` });
    const answer = await patch(token, { display_name: '  Zoë 小林 👩‍💻 ' });
    expect(answer).toMatchObject({
      status: 200,
      body: { id, username, display_name: 'Zoë 小林 👩‍💻', email_verified: false, is_active: true },
    });
    expect(answer.body.updated_at).toMatch(/Z$/);
    expect((await send(app.url, PROFILE, { token })).text).toBe(answer.text);
    expect((await eventsOf(id)).map(({ data, personal }) => [data, personal])).toEqual([
      [{ fields: 'display_name' }, null],
    ]);
  });

  it('changes the username, frees the old one and keeps the token valid', async () => {
    const { id, username, password, token } = await signedIn(app.url);
    const renamed = uniqueName('renamed');
    expect((await patch(token, { username: renamed })).body).toMatchObject({ id, username: renamed });
    expect((await send(app.url, ME, { token })).body).toMatchObject({ id, username: renamed });
    await signIn(app.url, { username: renamed, password });
    await register(app.url, { username });
    expect(await eventsOf(id)).toMatchObject([
      { data: { fields: 'username' }, personal: { username: renamed, previous_username: username } },
    ]);
  });

  it('leaves omitted fields unchanged and clears the display name with null', async () => {
    const { token, username } = await signedIn(app.url);
    await patch(token, { display_name: 'Jo' });
    expect((await patch(token, { username: `${username}b` })).body.display_name).toBe('Jo');
    expect((await patch(token, { display_name: null })).body).toMatchObject({
      display_name: null,
      username: `${username}b`,
    });
  });

  it('writes and records nothing when no field changes', async () => {
    const { id, username, token } = await signedIn(app.url);
    for (const body of [{}, { username }, { display_name: null }, { unknown: 1 }]) {
      expect((await patch(token, body)).body).toMatchObject({ username, display_name: null, updated_at: null });
    }
    expect(await eventsOf(id)).toEqual([]);
  });

  it('ignores all other fields', async () => {
    const { id, token } = await signedIn(app.url, { email: `${uniqueName()}@example.com` });
    const before = await rowOf(id);
    const { status } = await patch(token, {
      id: id + 1000,
      is_superuser: true,
      is_active: false,
      email_verified: true,
      email_verified_at: '2026-01-04T10:00:00Z',
      must_verify_email: true,
      verified: true,
      hashed_password: 'x',
      created_at: '2000-01-01T00:00:00Z',
      display_name: 'Jo',
    });
    expect(status).toBe(200);
    const { display_name, updated_at, updated, ...after } = (await rowOf(id)) as Record<string, unknown>;
    expect(before).toMatchObject(after);
    expect([display_name, updated]).toEqual(['Jo', true]);
    expect(updated_at).not.toBeNull();
  });

  it('refuses an address or password and names the route that changes it', async () => {
    const email = `${uniqueName()}@example.com`;
    const { id, token } = await signedIn(app.url, { email });
    const before = await rowOf(id);
    const error = (name: string, input: unknown, route: string) => ({
      type: 'value_error',
      loc: ['body', name],
      msg: `Value error, ${name} cannot be changed here: use ${route}`,
      input,
      ctx: { error: {} },
    });
    const ofEmail = (input: unknown) => error('email', input, 'POST /api/v1/users/me/email');
    const ofPassword = error('password', '**********', 'PUT /api/v1/users/me/password');
    for (const [body, expected] of [
      [{ email: 'other@example.com' }, [ofEmail('other@example.com')]],
      [{ email: null }, [ofEmail(null)]],
      [{ email: '' }, [ofEmail('')]],
      [{ password: 'another one 1' }, [ofPassword]],
      [{ password: '' }, [ofPassword]],
      [{ email: 'o@example.com', password: 'x', display_name: 'Jo' }, [ofEmail('o@example.com'), ofPassword]],
    ] as const) {
      const answer = await patch(token, body);
      expect([answer.status, (answer.body as { detail?: unknown }).detail]).toEqual([422, expected]);
    }
    expect(await rowOf(id)).toEqual(before);
  });

  it('accepts the unchanged profile with its address', async () => {
    const { token } = await signedIn(app.url, { email: `${uniqueName()}@example.com` });
    const { body } = await send<object>(app.url, PROFILE, { token });
    expect((await patch(token, { ...body, password: null, display_name: 'Jo' })).body).toEqual({
      ...body,
      display_name: 'Jo',
      updated_at: expect.stringMatching(/Z$/),
    });
    const withoutAddress = await signedIn(app.url);
    expect((await patch(withoutAddress.token, { email: null, display_name: 'Jo' })).status).toBe(200);
  });

  it('ignores the same fields on registration', async () => {
    const { id } = await register(app.url, {
      id: 7_000_000,
      is_superuser: true,
      is_active: false,
      email_verified_at: '2026-01-04T10:00:00Z',
      display_name: 'Jo',
      must_verify_email: true,
    });
    expect(id).toBeLessThan(7_000_000);
    expect(await rowOf(id)).toMatchObject({
      is_superuser: false,
      is_active: true,
      email_verified_at: null,
      must_verify_email: false,
      display_name: null,
    });
  });

  it.each([
    ['ab', 'string_too_short'],
    ['x'.repeat(51), 'string_too_long'],
    ['a\u200bb\u200bc', 'value_error'],
    [' abc', 'value_error'],
    [null, 'string_type'],
    [7, 'string_type'],
  ])('refuses the username %j with the validation error of the registration', async (username, type) => {
    const { token } = await signedIn(app.url);
    const answer = await patch(token, { username });
    expect([answer.status, answer.body]).toMatchObject([422, { detail: [{ loc: ['body', 'username'], type }] }]);
  });

  it.each([
    ['', 'string_too_short'],
    [' \t ', 'string_too_short'],
    ['x'.repeat(101), 'string_too_long'],
    ['a\nb', 'value_error'],
    ['abc\u202efdp.exe', 'value_error'],
    ['a\0', 'string_unicode'],
    [7, 'string_type'],
  ])('refuses the display name %j', async (name, type) => {
    const { token } = await signedIn(app.url);
    const answer = await patch(token, { display_name: name });
    expect([answer.status, answer.body]).toMatchObject([422, { detail: [{ loc: ['body', 'display_name'], type }] }]);
  });

  it('refuses a taken username in any letter case, but accepts another case of its own', async () => {
    const other = await register(app.url, { username: uniqueName('Taken') });
    const { token, username } = await signedIn(app.url);
    const answer = await patch(token, { username: other.username.toUpperCase(), display_name: 'Jo' });
    expect([answer.status, answer.body]).toEqual([400, { detail: 'Username already registered' }]);
    expect((await send<Profile>(app.url, PROFILE, { token })).body.display_name).toBeNull();
    expect((await patch(token, { username: username.toUpperCase() })).status).toBe(200);
  });

  it('gives a username to one of many accounts that request it at the same time', async () => {
    const accounts = await Promise.all(Array.from({ length: 10 }, async () => signedIn(app.url)));
    const username = uniqueName('wanted');
    const answers = await Promise.all(accounts.map(async ({ token }) => patch(token, { username })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array.from({ length: 9 }, () => 400),
    ]);
  });

  it('requires a token', async () => {
    expect((await send(app.url, ME, { method: 'PATCH', body: {} })).status).toBe(401);
  });
});

describe('PATCH /api/v1/users/me with rate limits', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { RATE_LIMIT: 'on' } });
  });
  afterAll(() => app.stop());

  it('limits how often a client can probe for taken usernames', async () => {
    const { token } = await signedIn(app.url);
    const { username } = await register(app.url);
    const patch = (body: object) => send(app.url, ME, { method: 'PATCH', token, body });
    for (let time = 0; time < 10; time += 1) expect((await patch({ username })).status).toBe(400);
    const refused = await patch({ username });
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, expect.any(String)]);
    expect(refused.body).toEqual({ detail: 'Too many username changes. Please try again later.' });
    expect((await patch({ display_name: 'Jo' })).status).toBe(200);
  });
});
