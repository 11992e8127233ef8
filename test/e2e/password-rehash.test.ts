import bcrypt from 'bcrypt';
import { HashThreadPool } from '../../src/auth/passwords/hashing/hash-thread-pool.js';
import { PASSWORD, register, signIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

describe('a sign-in after BCRYPT_ROUNDS is raised', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ bcryptRounds: 6 });
  });
  afterAll(() => app.stop());
  afterEach(() => jest.restoreAllMocks());

  async function accountWith(hash: string) {
    const account = await register(app.url);
    await app.sql('UPDATE users SET hashed_password = $2 WHERE id = $1', [account.id, hash]);
    return account;
  }
  const stored = async (id: number) => {
    const [row] = await app.sql<{ hash: string; updated: string | null }>(
      'SELECT hashed_password AS hash, updated_at AS updated FROM users WHERE id = $1',
      [id],
    );
    return { hash: String(row?.hash), updated: row?.updated };
  };

  it.each(['$2a$', '$2b$', '$2y$'])('replaces a %s hash of a lower cost with a $2b$ hash once', async (version) => {
    const old = bcrypt.hashSync(PASSWORD, 4).replace('$2b$', version);
    const account = await accountWith(old);
    await signIn(app.url, account);
    const { hash, updated } = await stored(account.id);
    expect(hash).toMatch(/^\$2b\$06\$/);
    expect(updated).toBeNull();
    expect(await bcrypt.compare(PASSWORD, hash)).toBe(true);
    await signIn(app.url, account);
    expect((await stored(account.id)).hash).toBe(hash);
    const events = await app.sql(`SELECT FROM audit_events WHERE subject_id = $1 AND action = 'password.rehashed'`, [
      account.id,
    ]);
    expect(events).toHaveLength(1);
  });

  it('keeps a hash of the same or a higher cost, and any hash after a failed sign-in', async () => {
    const [lower, same, higher] = [4, 6, 7].map((cost) => bcrypt.hashSync(PASSWORD, cost));
    for (const hash of [same, higher]) {
      const account = await accountWith(String(hash));
      await signIn(app.url, account);
      expect((await stored(account.id)).hash).toBe(hash);
    }
    const account = await accountWith(String(lower));
    await expect(signIn(app.url, { ...account, password: 'not the password' })).rejects.toThrow('401');
    await app.sql('UPDATE users SET is_active = false WHERE id = $1', [account.id]);
    await expect(signIn(app.url, account)).rejects.toThrow('400');
    expect((await stored(account.id)).hash).toBe(lower);
  });

  it('succeeds if the new hash cannot be computed', async () => {
    const account = await accountWith(bcrypt.hashSync(PASSWORD, 4));
    jest.spyOn(HashThreadPool.prototype, 'hash').mockRejectedValue(new Error('no thread'));
    await signIn(app.url, account);
    expect((await stored(account.id)).hash).toMatch(/^\$2b\$04\$/);
  });

  it.each([
    ['password change', 'PUT', '/password', { current_password: PASSWORD, new_password: 'kestrel-voyage-amber' }],
    ['account deletion', 'DELETE', '', { password: PASSWORD }],
  ])('does not fail a concurrent %s', async (_what, method, path, body) => {
    const account = await accountWith(bcrypt.hashSync(PASSWORD, 6));
    const token = await signIn(app.url, account);
    const { compare } = HashThreadPool.prototype;
    jest.spyOn(HashThreadPool.prototype, 'compare').mockImplementationOnce(async function (
      this: HashThreadPool,
      ...tried
    ) {
      const rehashed = bcrypt.hashSync(PASSWORD, 6);
      await app.sql('UPDATE users SET hashed_password = $2 WHERE id = $1', [account.id, rehashed]);
      return compare.apply(this, tried);
    });
    const hashing = jest.spyOn(HashThreadPool.prototype, 'hash');
    expect((await send(app.url, `/api/v1/users/me${path}`, { method, body, token })).status).toBe(204);
    expect(hashing.mock.calls.length).toBeLessThanOrEqual(1);
  });

  it('does not revert a password that is changed concurrently', async () => {
    const account = await accountWith(bcrypt.hashSync(PASSWORD, 4));
    const changed = bcrypt.hashSync('another password', 6);
    const { hash } = HashThreadPool.prototype;
    jest.spyOn(HashThreadPool.prototype, 'hash').mockImplementation(async function (
      this: HashThreadPool,
      ...parameters
    ) {
      await app.sql('UPDATE users SET hashed_password = $2 WHERE id = $1', [account.id, changed]);
      return hash.apply(this, parameters);
    });
    const { username, password } = account;
    const answer = await send(app.url, '/api/v1/auth/login-json', { body: { username, password } });
    expect(answer.status).toBe(401);
    expect((await stored(account.id)).hash).toBe(changed);
  });
});
