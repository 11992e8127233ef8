import bcrypt from 'bcrypt';
import { HashThreadPool } from '../../src/auth/passwords/hashing/hash-thread-pool.js';
import { type Account, PASSWORD, register, uniqueName } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

/** The cost of every hash in this file; not the lowest, so that a hash of another cost is noticed. */
const COST = 5;
const SALTED_PREFIX = 29;

const LOGIN_ROUTES = {
  form: (username: string, password: string) => ({
    path: '/api/v1/auth/login',
    body: new URLSearchParams({ username, password }),
  }),
  JSON: (username: string, password: string) => ({ path: '/api/v1/auth/login-json', body: { username, password } }),
};

describe.each(Object.entries(LOGIN_ROUTES))('a failed login by %s', (_name, requestOf) => {
  let app: TestApp;
  let account: Account;
  let disabled: Account;

  beforeAll(async () => {
    app = await TestApp.start({ bcryptRounds: COST });
    account = await register(app.url);
    disabled = await register(app.url);
    await app.sql('UPDATE users SET is_active = false WHERE id = $1', [disabled.id]);
  });
  afterAll(() => app.stop());
  afterEach(() => jest.restoreAllMocks());

  async function login(username: string, password: string): Promise<Received> {
    const { path, body } = requestOf(username, password);
    return send(app.url, path, { body });
  }

  async function withHash(hash: string): Promise<Account> {
    const owner = await register(app.url);
    await app.sql('UPDATE users SET hashed_password = $2 WHERE id = $1', [owner.id, hash]);
    return owner;
  }

  it('has the same response, byte for byte, for every cause', async () => {
    const broken = await withHash('no hash at all');
    const answers = [
      await login(account.username, 'wrong-password'),
      await login(uniqueName(), PASSWORD),
      await login(disabled.username, 'wrong-password'),
      await login(broken.username, PASSWORD),
      await login(account.username, 'p'.repeat(73)),
      await login(account.username, 'x'),
      await login('x', PASSWORD),
      await login('x'.repeat(60), PASSWORD),
      await login('\u200b', PASSWORD),
    ];
    const [first, ...others] = answers.map(comparable);
    expect(first?.status).toBe(401);
    expect(first?.text).toBe('{"detail":"Incorrect username or password"}');
    expect(first?.headers).toContainEqual(['www-authenticate', 'Bearer']);
    for (const other of others) expect(other).toEqual(first);
  });

  it.each([
    ['a wrong password', async () => login(account.username, 'wrong-password'), 401],
    ['the correct password', async () => login(account.username, PASSWORD), 200],
    ['an unknown username', async () => login(uniqueName(), PASSWORD), 401],
    ['a username that no account can have', async () => login('\u200b', PASSWORD), 401],
    ['a password over 72 bytes', async () => login(account.username, 'p'.repeat(73)), 401],
    ['an unknown username and a password over 72 bytes', async () => login(uniqueName(), '€'.repeat(500)), 401],
    ['a disabled account', async () => login(disabled.username, PASSWORD), 400],
    ['a disabled account and a wrong password', async () => login(disabled.username, 'wrong-password'), 401],
  ])('takes one comparison at the configured cost: %s', async (_name, attempt, status) => {
    const compare = jest.spyOn(HashThreadPool.prototype, 'compare');
    const hash = jest.spyOn(HashThreadPool.prototype, 'hash');
    expect((await attempt()).status).toBe(status);
    expect(compare).toHaveBeenCalledTimes(1);
    expect(hash).not.toHaveBeenCalled();
    await expectFullWork(compare.mock.calls[0]?.[1]);
  });

  it.each([
    ['empty', ''],
    ['plain text', PASSWORD],
    ['truncated', `$2b$05$${'a'.repeat(52)}`],
    ['too long', `$2b$05$${'a'.repeat(54)}`],
    ['of an unknown version', `$2c$05$${'a'.repeat(53)}`],
    ['without a cost', `$2b$xx$${'a'.repeat(53)}`],
    ['of an impossible cost', `$2b$99$${'a'.repeat(53)}`],
    ['of invalid characters', `$2b$05$${'*'.repeat(53)}`],
    ['followed by a line feed', `$2b$05$${'a'.repeat(53)}\n`],
    ['of another algorithm', '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhcw'],
    ['of a locked account', '!'],
  ])('takes one comparison at the configured cost when the stored hash is %s', async (_name, stored) => {
    const owner = await withHash(stored);
    const compare = jest.spyOn(HashThreadPool.prototype, 'compare');
    expect((await login(owner.username, PASSWORD)).status).toBe(401);
    expect(compare).toHaveBeenCalledTimes(1);
    await expectFullWork(compare.mock.calls[0]?.[1]);
  });

  it('does not depend on the username when the password is empty or contains a NUL', async () => {
    const compare = jest.spyOn(HashThreadPool.prototype, 'compare');
    for (const password of ['', `${PASSWORD}\0`]) {
      const [known, unknown] = [await login(account.username, password), await login(uniqueName(), password)];
      expect(known.status).toBe(unknown.status);
      expect([401, 422]).toContain(known.status);
    }
    expect([0, 2]).toContain(compare.mock.calls.length);
  });
});

function comparable({ status, headers, text }: Received): { status: number; headers: unknown[][]; text: string } {
  const named = Object.entries(headers).filter(([name]) => name !== 'date' && name !== 'x-request-id');
  return { status, headers: named, text };
}

/** Checks that bcrypt accepts the salt, since it returns at once for one that it cannot parse. */
async function expectFullWork(compared: string | undefined): Promise<void> {
  expect(compared).toMatch(new RegExp(`^\\$2[ab]\\$0${COST}\\$[./A-Za-z0-9]{53}$`));
  const salt = String(compared).slice(0, SALTED_PREFIX);
  expect((await bcrypt.hash('anything', salt)).slice(0, SALTED_PREFIX)).toBe(salt);
}
