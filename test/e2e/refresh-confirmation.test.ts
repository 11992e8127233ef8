import { PostgresQueryRunner } from 'typeorm/driver/postgres/PostgresQueryRunner.js';
import { DataSource } from 'typeorm';
import { RefreshTokens } from '../../src/auth/sessions/refresh-token.js';
import { register, session, type Tokens } from '../support/accounts.js';
import { claimsOf, forge } from '../support/forged-tokens.js';
import { type Received, send } from '../support/http-client.js';
import { sessionOf, whileHeld } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const ME = '/api/v1/users/me';

describe('a refresh whose response may be lost', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());
  afterEach(() => jest.restoreAllMocks());

  const refresh = async (refresh_token: string): Promise<Received<Tokens>> =>
    send(app.url, '/api/v1/auth/refresh', { body: { refresh_token } });
  const refreshed = async ({ refresh_token }: Tokens): Promise<Tokens> => {
    const answer = await refresh(refresh_token);
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const signedIn = async (): Promise<Tokens> => session(app.url, await register(app.url));
  const statusOfMe = async ({ access_token: token }: Tokens) => (await send(app.url, ME, { token })).status;
  const rowOf = async ({ access_token }: Tokens) =>
    (await app.sql<Record<string, unknown>>('SELECT * FROM sessions WHERE id = $1', [sessionOf(access_token)]))[0];
  const isConfirmed = async (tokens: Tokens) => {
    const row = await rowOf(tokens);
    return row?.confirmed_generation === row?.generation;
  };
  /** Uses the access token of a refresh, which confirms it. */
  const confirm = async (tokens: Tokens) => {
    expect(await statusOfMe(tokens)).toBe(200);
    await until(async () => isConfirmed(tokens));
  };
  /** Moves all times of a session into the past. */
  const age = async ({ access_token }: Tokens, time: string) => {
    const columns = ['created_at', 'last_used_at', 'idle_expires_at', 'expires_at', 'rotated_at', 'confirmed_at'];
    const changes = columns.map((column) => `${column} = ${column} - interval '${time}'`);
    await app.sql(`UPDATE sessions SET ${changes.join(', ')} WHERE id = $1`, [sessionOf(access_token)]);
  };
  const eventsOf = async ({ access_token }: Tokens) => {
    const sql = 'SELECT action FROM audit_events WHERE session_id = $1 ORDER BY occurred_at';
    return (await app.sql<{ action: string }>(sql, [sessionOf(access_token)])).map(({ action }) => action);
  };

  it('is repeated with the same token a day later, which is recorded and extends no lifetime', async () => {
    const first = await signedIn();
    const lost = await refreshed(first);
    await age(first, '1 day');
    const before = await rowOf(first);
    const again = await refreshed(first);
    expect(again.refresh_token).toBe(lost.refresh_token);
    expect(await rowOf(first)).toEqual(before);
    expect(await eventsOf(first)).toEqual(['session.opened', 'session.refresh_repeated']);
    await confirm(again);
    await refreshed(again);
  });

  it('is repeated within the grace period without an audit event', async () => {
    const first = await signedIn();
    expect((await refreshed(first)).refresh_token).toBe((await refreshed(first)).refresh_token);
    expect(await eventsOf(first)).toEqual(['session.opened']);
  });

  it('is repeated for REFRESH_GRACE_SECONDS after its access token is used, then ends the session', async () => {
    const first = await signedIn();
    await refreshed(first);
    await age(first, '1 day');
    const next = await refreshed(first);
    await confirm(next);
    expect((await refreshed(first)).refresh_token).toBe(next.refresh_token);
    await age(first, '29 seconds');
    expect((await refreshed(first)).refresh_token).toBe(next.refresh_token);
    await age(first, '1 second');
    expect((await refresh(first.refresh_token)).status).toBe(401);
    expect(await rowOf(first)).toMatchObject({ end_reason: 'reuse' });
    expect([await statusOfMe(next), (await refresh(next.refresh_token)).status]).toEqual([401, 401]);
    expect(await eventsOf(first)).toContain('session.reuse_detected');
  });

  it('ends the session when two clients with the same token refresh in turn', async () => {
    const shared = await signedIn();
    const mine = await refreshed(shared);
    const theirs = await refreshed(shared);
    expect(theirs.refresh_token).toBe(mine.refresh_token);
    await confirm(mine);
    await age(shared, '1 minute');
    const next = await refreshed(mine);
    await confirm(next);
    await age(shared, '1 minute');
    expect((await refresh(theirs.refresh_token)).status).toBe(401);
    for (const tokens of [mine, theirs, next]) expect(await statusOfMe(tokens)).toBe(401);
  });

  it.each<[string, (parent: Tokens, child: Tokens) => string]>([
    ['its parent', ({ access_token }) => access_token],
    [
      'the previous release, which has no generation',
      (_, child) => forge(child.access_token, { claims: { gen: undefined } }),
    ],
  ])('is not confirmed by an access token of %s', async (_, tokenOf) => {
    const first = await signedIn();
    const lost = await refreshed(first);
    expect(await statusOfMe({ ...lost, access_token: tokenOf(first, lost) })).toBe(200);
    await age(first, '1 day');
    expect((await refreshed(first)).refresh_token).toBe(lost.refresh_token);
    expect(await rowOf(first)).toMatchObject({ confirmed_at: null });
  });

  it.each([null, -1, 0.5, '1', true, [1], {}])('issues access tokens with a generation: %j is refused', async (gen) => {
    const { access_token, refresh_token } = await signedIn();
    expect(claimsOf(access_token).gen).toBe(0);
    expect(await statusOfMe({ refresh_token, access_token: forge(access_token, { claims: { gen } }) })).toBe(401);
  });

  describe('is confirmed', () => {
    const countConfirmations = () => {
      const query = jest.spyOn(PostgresQueryRunner.prototype, 'query');
      return () => query.mock.calls.filter(([sql]) => sql.includes('SET "confirmed_generation"')).length;
    };

    it('once under concurrent requests, and later without a statement', async () => {
      const next = await refreshed(await signedIn());
      const confirmations = countConfirmations();
      const statuses = await Promise.all(Array.from({ length: 20 }, async () => statusOfMe(next)));
      expect(new Set(statuses)).toEqual(new Set([200]));
      await until(async () => isConfirmed(next));
      const { confirmed_at } = (await rowOf(next)) ?? {};
      // A request that has read the session earlier may still try.
      const tried = confirmations();
      expect(tried).toBeLessThan(5);
      for (let request = 0; request < 5; request += 1) expect(await statusOfMe(next)).toBe(200);
      expect([confirmations(), await rowOf(next)]).toEqual([tried, expect.objectContaining({ confirmed_at })]);
    });

    it('never for a session without a refresh', async () => {
      const first = await signedIn();
      const confirmations = countConfirmations();
      expect(await statusOfMe(first)).toBe(200);
      expect(confirmations()).toBe(0);
    });

    it('on the next request if the database refuses it, without failing a request', async () => {
      const next = await refreshed(await signedIn());
      await app.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
        CREATE TRIGGER refuse BEFORE UPDATE OF confirmed_at ON sessions FOR EACH ROW EXECUTE FUNCTION refuse()`);
      const confirmations = countConfirmations();
      expect(await statusOfMe(next)).toBe(200);
      await until(() => confirmations() === 1);
      expect(await isConfirmed(next)).toBe(false);
      await app.sql('DROP FUNCTION refuse CASCADE');
      await until(async () => (await statusOfMe(next)) === 200 && (await isConfirmed(next)));
    });

    it('without delaying the request', async () => {
      const next = await refreshed(await signedIn());
      const touch = 'UPDATE sessions SET address = address WHERE id = $1';
      // Holds the row until another transaction waits for it, which happens after the response.
      let answered = 0;
      await whileHeld(app.nest.get(DataSource), [touch, [sessionOf(next.access_token)]], async () => {
        answered = await statusOfMe(next);
      });
      expect(answered).toBe(200);
      await until(async () => isConfirmed(next));
    });

    it('for the generation of the token only', async () => {
      const second = await refreshed(await signedIn());
      const third = await refreshed(second);
      expect(await statusOfMe(second)).toBe(200);
      expect(await rowOf(third)).toMatchObject({ generation: 2, confirmed_at: null });
      await confirm(third);
      expect(await rowOf(third)).toMatchObject({ confirmed_generation: 2 });
    });
  });

  it('can be performed by the previous release, which does not confirm', async () => {
    const first = await signedIn();
    const second = await refreshed(first);
    await confirm(second);
    // The statement of the previous release.
    const tokens = app.nest.get(RefreshTokens);
    const parent = tokens.verify(second.refresh_token);
    const child = parent && tokens.successors(parent)[0];
    await app.sql(
      `UPDATE sessions SET previous_token_hash = token_hash, token_hash = $2, generation = generation + 1,
         rotated_at = clock_timestamp(), last_used_at = now() WHERE id = $1`,
      [sessionOf(first.access_token), child?.hash],
    );
    await age(first, '1 day');
    expect((await refreshed(second)).refresh_token).toBe(child?.text);
    expect((await refresh(first.refresh_token)).status).toBe(401);
  });
});

it('a refresh is repeated with the same token after a change of SECRET_KEY', async () => {
  const OLD = 'the-key-from-before-the-change-which-is-long-enough-for-HS512-as-well!!';
  const before = await TestApp.start({ settings: { SECRET_KEY: OLD } });
  const first = await session(before.url, await register(before.url));
  const ask = async (app: TestApp, refresh_token: string): Promise<Received<Tokens>> =>
    send(app.url, '/api/v1/auth/refresh', { body: { refresh_token } });
  const lost = await ask(before, first.refresh_token);
  await before.nest.close();

  const settings = { SECRET_KEY: `${OLD}, but new`, SECRET_KEY_PREVIOUS: OLD };
  const after = await TestApp.start({ settings, database: before.database });
  await after.sql("UPDATE sessions SET rotated_at = rotated_at - interval '1 day'");
  const again = await ask(after, first.refresh_token);
  expect([again.status, again.body.refresh_token]).toEqual([200, lost.body.refresh_token]);
  expect((await ask(after, again.body.refresh_token)).status).toBe(200);
  await after.stop();
  await before.stop();
});
