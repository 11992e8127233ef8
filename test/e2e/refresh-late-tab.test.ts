import { register, session, type Tokens } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { sessionOf } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

interface SessionRow {
  generation: number;
  confirmed_generation: number;
  end_reason: string | null;
}

const refresh = async (app: TestApp, refresh_token: string): Promise<Received<Tokens>> =>
  send(app.url, '/api/v1/auth/refresh', { body: { refresh_token } });
const refreshed = async (app: TestApp, { refresh_token }: Tokens): Promise<Tokens> => {
  const answer = await refresh(app, refresh_token);
  expect(answer.status).toBe(200);
  return answer.body;
};
const signedIn = async (app: TestApp): Promise<Tokens> => session(app.url, await register(app.url));
const rowOf = async (app: TestApp, { access_token }: Tokens) =>
  (await app.sql<SessionRow>('SELECT * FROM sessions WHERE id = $1', [sessionOf(access_token)]))[0];
/** Uses the access token of a refresh, which confirms it. */
const confirm = async (app: TestApp, tokens: Tokens) => {
  expect((await send(app.url, '/api/v1/users/me', { token: tokens.access_token })).status).toBe(200);
  await until(async () => {
    const row = await rowOf(app, tokens);
    return row?.confirmed_generation === row?.generation;
  });
};
/** Moves the rotation and confirmation times of a session into the past. */
const age = async (app: TestApp, { access_token }: Tokens, time: string) => {
  const columns = ['rotated_at', 'confirmed_at', 'previous_confirmed_at'];
  const changes = columns.map((column) => `${column} = ${column} - interval '${time}'`);
  await app.sql(`UPDATE sessions SET ${changes.join(', ')} WHERE id = $1`, [sessionOf(access_token)]);
};
const expectReuse = async (app: TestApp, tokens: Tokens) => {
  expect((await refresh(app, tokens.refresh_token)).status).toBe(401);
  expect(await rowOf(app, tokens)).toMatchObject({ end_reason: 'reuse' });
};

describe('a refresh token whose successor was used', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it.each([
    ['unconfirmed', false],
    ['in use', true],
  ])(
    'returns the successor again within the grace period, without a write, when its successor is %s',
    async (_, inUse) => {
      const first = await signedIn(app);
      const second = await refreshed(app, first);
      const third = await refreshed(app, second);
      if (inUse) await confirm(app, third);
      await age(app, first, '29 seconds');
      const before = await rowOf(app, first);
      const late = await refreshed(app, first);
      expect(late.refresh_token).toBe(second.refresh_token);
      expect(await rowOf(app, first)).toEqual(before);
      expect((await send(app.url, '/api/v1/users/me', { token: late.access_token })).status).toBe(200);
      expect((await refreshed(app, late)).refresh_token).toBe(third.refresh_token);
    },
  );

  it('ends the session after the grace period, which repetitions do not extend', async () => {
    const first = await signedIn(app);
    await refreshed(app, await refreshed(app, first));
    for (const time of ['15 seconds', '14 seconds']) {
      await age(app, first, time);
      await refreshed(app, first);
    }
    await age(app, first, '1 second');
    await expectReuse(app, first);
  });

  it('ends the session if its successor was confirmed before the grace period', async () => {
    const first = await signedIn(app);
    const second = await refreshed(app, first);
    await confirm(app, second);
    await age(app, first, '31 seconds');
    await confirm(app, await refreshed(app, second));
    await expectReuse(app, first);
  });

  it('has the rest of the grace period if its successor was confirmed earlier', async () => {
    const first = await signedIn(app);
    const second = await refreshed(app, first);
    await confirm(app, second);
    await age(app, first, '20 seconds');
    await confirm(app, await refreshed(app, second));
    expect((await refreshed(app, first)).refresh_token).toBe(second.refresh_token);
    await age(app, first, '10 seconds');
    await expectReuse(app, first);
  });

  it('ends the session when it is three generations old', async () => {
    const first = await signedIn(app);
    await refreshed(app, await refreshed(app, await refreshed(app, first)));
    await expectReuse(app, first);
  });

  it('can be shared by two clients that refresh in turn until one falls behind', async () => {
    let mine = await signedIn(app);
    let theirs = mine;
    for (let round = 0; round < 4; round += 1) {
      mine = await refreshed(app, mine);
      await age(app, mine, '5 seconds');
      theirs = await refreshed(app, theirs);
      expect(theirs.refresh_token).toBe(mine.refresh_token);
      await age(app, mine, '5 seconds');
    }
    await refreshed(app, await refreshed(app, mine));
    await age(app, mine, '30 seconds');
    await expectReuse(app, theirs);
  });
});

it('a refresh token whose successor was used ends the session without a grace period', async () => {
  const app = await TestApp.start({ settings: { REFRESH_GRACE_SECONDS: '0' } });
  const first = await signedIn(app);
  await refreshed(app, await refreshed(app, first));
  await expectReuse(app, first);
  await app.stop();
});

it('a refresh token whose successor was used returns it again after a change of SECRET_KEY', async () => {
  const OLD = 'the-key-from-before-the-change-which-is-long-enough-for-HS512-as-well!!';
  const before = await TestApp.start({ settings: { SECRET_KEY: OLD } });
  const first = await signedIn(before);
  const second = await refreshed(before, first);
  await before.nest.close();

  const settings = { SECRET_KEY: `${OLD}, but new`, SECRET_KEY_PREVIOUS: OLD };
  const after = await TestApp.start({ settings, database: before.database });
  const third = await refreshed(after, second);
  const late = await refreshed(after, first);
  expect(late.refresh_token).toBe(second.refresh_token);
  expect((await refreshed(after, late)).refresh_token).toBe(third.refresh_token);
  await after.stop();
  await before.stop();
});
