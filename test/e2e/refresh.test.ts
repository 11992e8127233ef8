import { createHash } from 'node:crypto';
import { RefreshTokens } from '../../src/auth/sessions/refresh-token.js';
import type { Environment } from '../../src/settings/environment.js';
import { KeyRing } from '../../src/platform/config/key-ring.js';
import { register, session, type Tokens } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const ME = '/api/v1/users/me';
const REFRESH = '/api/v1/auth/refresh';

interface SessionRow {
  id: string;
  ended_at: string | null;
  end_reason: string | null;
  generation: number;
  confirmed_generation: number;
}

describe('POST /api/v1/auth/refresh', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const refresh = async (refresh_token: unknown): Promise<Received<Tokens & { detail: string }>> =>
    send(app.url, REFRESH, { body: { refresh_token } });
  const refreshed = async (token: string): Promise<Tokens> => {
    const answer = await refresh(token);
    expect([answer.status, answer.text.slice(0, 16)]).toEqual([200, '{"access_token":']);
    return answer.body;
  };
  const statusOfMe = async (token: string) => (await send(app.url, ME, { token })).status;
  const idOf = (token: string) => {
    const { sid } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string };
    return sid;
  };
  const rowOf = async (token: string): Promise<SessionRow | undefined> => {
    const columns = 'id, ended_at, end_reason, generation, confirmed_generation';
    return (await app.sql<SessionRow>(`SELECT ${columns} FROM sessions WHERE id = $1`, [idOf(token)]))[0];
  };
  const age = async (token: string, columns: string) =>
    app.sql(`UPDATE sessions SET ${columns} WHERE id = $1`, [idOf(token)]);
  const expectRefused = (answer: Received<{ detail: string }>) => {
    expect([answer.status, answer.text]).toEqual([401, '{"detail":"Could not refresh the session"}']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  };
  const signedIn = async () => {
    const account = await register(app.url);
    return { ...account, ...(await session(app.url, account)) };
  };

  it('returns the next pair of tokens for the same session', async () => {
    const first = await signedIn();
    const answer = await refresh(first.refresh_token);
    expect(Object.keys(answer.body)).toEqual(['access_token', 'token_type', 'expires_in', 'refresh_token']);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.body.refresh_token).not.toBe(first.refresh_token);
    expect(answer.body.access_token).not.toBe(first.access_token);
    expect(idOf(answer.body.access_token)).toBe(idOf(first.access_token));
    expect(await statusOfMe(answer.body.access_token)).toBe(200);
  });

  it('can be repeated with each new token', async () => {
    let tokens: Tokens = await signedIn();
    const seen = new Set([tokens.refresh_token]);
    for (let use = 0; use < 5; use += 1) {
      tokens = await refreshed(tokens.refresh_token);
      seen.add(tokens.refresh_token);
    }
    expect(seen.size).toBe(6);
    expect(await rowOf(tokens.access_token)).toMatchObject({ generation: 5, ended_at: null });
  });

  it('stores only hashes of tokens', async () => {
    const first = await signedIn();
    const next = await refreshed(first.refresh_token);
    const [row = {}] = await app.sql<Record<string, unknown>>('SELECT * FROM sessions WHERE id = $1', [
      idOf(first.access_token),
    ]);
    const hash = (token: string) => createHash('sha256').update(Buffer.from(token, 'base64url')).digest('hex');
    expect((row.token_hash as Buffer).toString('hex')).toBe(hash(next.refresh_token));
    expect((row.previous_token_hash as Buffer).toString('hex')).toBe(hash(first.refresh_token));
    const everything = JSON.stringify(await app.sql('SELECT sessions::text AS row FROM sessions'));
    for (const { refresh_token } of [first, next]) {
      const secret = Buffer.from(refresh_token, 'base64url').subarray(21, 53);
      expect(everything).not.toContain(refresh_token);
      expect(everything).not.toContain(secret.toString('hex'));
    }
  });

  describe('with a used token', () => {
    it('returns the same successor again, for another tab or a lost response', async () => {
      const first = await signedIn();
      const next = await refreshed(first.refresh_token);
      const again = await refreshed(first.refresh_token);
      expect(again.refresh_token).toBe(next.refresh_token);
      expect(await statusOfMe(again.access_token)).toBe(200);
      expect(await rowOf(first.access_token)).toMatchObject({ generation: 1, ended_at: null });
    });

    it('ends the session when the successor was first used before the grace period', async () => {
      const first = await signedIn();
      const next = await refreshed(first.refresh_token);
      expect(await statusOfMe(next.access_token)).toBe(200);
      await until(async () => (await rowOf(first.access_token))?.confirmed_generation === 1);
      await age(first.access_token, "confirmed_at = now() - interval '31 seconds'");
      expectRefused(await refresh(first.refresh_token));
      expect(await rowOf(first.access_token)).toMatchObject({ end_reason: 'reuse' });
      const recorded = `SELECT actor_id, subject_id FROM audit_events WHERE action = 'session.reuse_detected' AND session_id = $1`;
      expect(await app.sql(recorded, [idOf(first.access_token)])).toEqual([{ actor_id: null, subject_id: first.id }]);
      expectRefused(await refresh(next.refresh_token));
      expect([await statusOfMe(first.access_token), await statusOfMe(next.access_token)]).toEqual([401, 401]);
    });

    it('ends the session for a token two generations old after the grace period', async () => {
      const first = await signedIn();
      const last = await refreshed((await refreshed(first.refresh_token)).refresh_token);
      await age(first.access_token, "previous_confirmed_at = now() - interval '31 seconds'");
      expectRefused(await refresh(first.refresh_token));
      expect(await rowOf(first.access_token)).toMatchObject({ end_reason: 'reuse' });
      expect(await statusOfMe(last.access_token)).toBe(401);
    });

    it('does not end other sessions of the account', async () => {
      const account = await signedIn();
      const other = await session(app.url, account);
      await refreshed((await refreshed(account.refresh_token)).refresh_token);
      await age(account.access_token, "previous_confirmed_at = now() - interval '31 seconds'");
      expectRefused(await refresh(account.refresh_token));
      expect(await statusOfMe(other.access_token)).toBe(200);
      await refreshed(other.refresh_token);
    });
  });

  describe('has the same 401 response, without ending the session, for', () => {
    const made = (SECRET_KEY: string, id: string) =>
      new RefreshTokens(new KeyRing({ SECRET_KEY } as Environment)).issue(id).text;
    const changed = (token: string, at: number) => {
      const bytes = Buffer.from(token, 'base64url');
      bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
      return bytes.toString('base64url');
    };

    it.each<[string, (token: Tokens) => string]>([
      ['an empty string', () => ''],
      ['an access token', ({ access_token }) => access_token],
      ['a token that is too short', ({ refresh_token }) => refresh_token.slice(0, -1)],
      ['a token that is too long', ({ refresh_token }) => `${refresh_token}A`],
      ['surrounding white space', ({ refresh_token }) => ` ${refresh_token}`],
      ['another version', ({ refresh_token }) => changed(refresh_token, 0)],
      ['another session', ({ refresh_token }) => changed(refresh_token, 16)],
      ['another generation', ({ refresh_token }) => changed(refresh_token, 20)],
      ['another secret', ({ refresh_token }) => changed(refresh_token, 40)],
      ['another tag', ({ refresh_token }) => changed(refresh_token, 68)],
      ['a token for a known session under another key', ({ access_token }) => made('x'.repeat(64), idOf(access_token))],
      [
        'a token under the correct key with another secret',
        ({ access_token }) => made(app.environment.SECRET_KEY, idOf(access_token)),
      ],
      ['an unknown session', () => made(app.environment.SECRET_KEY, '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88')],
    ])('%s', async (_, tokenOf) => {
      const first = await signedIn();
      expectRefused(await refresh(tokenOf(first)));
      await refreshed(first.refresh_token);
    });

    it('another token with the generation of the parent', async () => {
      const first = await signedIn();
      const next = await refreshed(first.refresh_token);
      expectRefused(await refresh(made(app.environment.SECRET_KEY, idOf(first.access_token))));
      await refreshed(next.refresh_token);
    });

    it('a disabled account, even after it is enabled again', async () => {
      const first = await signedIn();
      const next = await refreshed(first.refresh_token);
      await app.sql('UPDATE users SET is_active = false WHERE id = $1', [first.id]);
      for (const { refresh_token } of [first, next]) expectRefused(await refresh(refresh_token));
      await app.sql('UPDATE users SET is_active = true WHERE id = $1', [first.id]);
      for (const { refresh_token } of [first, next]) expectRefused(await refresh(refresh_token));
      expect(await rowOf(first.access_token)).toMatchObject({ end_reason: null });
    });

    it('a deleted account', async () => {
      const first = await signedIn();
      await app.sql('DELETE FROM users WHERE id = $1', [first.id]);
      expectRefused(await refresh(first.refresh_token));
      expect(await statusOfMe(first.access_token)).toBe(401);
    });

    it('a generation newer than the database, as after a restore', async () => {
      const first = await signedIn();
      const next = await refreshed(first.refresh_token);
      await age(first.access_token, 'generation = 0, token_hash = previous_token_hash, previous_token_hash = NULL');
      expectRefused(await refresh(next.refresh_token));
      await refreshed(first.refresh_token);
    });
  });

  it.each([
    ['a number', 7, 'string_type'],
    ['null', null, 'string_type'],
  ])('responds with 422 to %s', async (_, token, type) => {
    const answer = await send<{ detail: { type: string; loc: string[] }[] }>(app.url, REFRESH, {
      body: { refresh_token: token },
    });
    expect([answer.status, answer.body.detail[0]?.type]).toEqual([422, type]);
  });

  it('responds with 422 without a body, even if the token is sent elsewhere', async () => {
    const { refresh_token } = await signedIn();
    for (const path of [REFRESH, `${REFRESH}?refresh_token=${refresh_token}`]) {
      const headers = { cookie: `refresh_token=${refresh_token}`, authorization: `Bearer ${refresh_token}` };
      expect((await send(app.url, path, { method: 'POST', headers })).status).toBe(422);
    }
  });
});
