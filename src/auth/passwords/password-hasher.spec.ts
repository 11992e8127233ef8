import bcrypt from 'bcrypt';
import { callerFrom } from '../../../test/support/callers.js';
import { ownDemand } from '../../../test/support/shared-demands.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import type { Environment } from '../../settings/environment.js';
import { HashMetrics } from './hashing/hash-metrics.js';
import { HashQueue } from './hashing/hash-queue.js';
import { HashThreadPool } from './hashing/hash-thread-pool.js';
import { PasswordHasher } from './password-hasher.js';

const metrics = () => new HashMetrics(new Metrics());
const threadSettings = { HASH_THREADS: 1, WORKERS: 1 } as Environment;
const threads = new HashThreadPool(threadSettings, threadSettings, metrics());
const caller = callerFrom('203.0.113.7');

function hasher(BCRYPT_ROUNDS = 4) {
  const environment = { BCRYPT_ROUNDS, HASH_THREADS: 1, HASH_WAIT_MS: 2000, WORKERS: 1 } as Environment;
  const passwords = new PasswordHasher(
    environment,
    new HashQueue(environment, environment, metrics(), ownDemand()),
    threads,
  );
  return {
    hash: async (password: string) => passwords.hash(password, caller),
    verify: async (password: string, hash: string | undefined) => passwords.verify(password, hash, caller),
    isOutdated: (hash: string) => passwords.isOutdated(hash),
  };
}

afterAll(() => threads.onApplicationShutdown());
/** Hash of `secure123` by Python's bcrypt, cost 4. */
const SALT_AND_DIGEST = '04$78nVv.zM6AWSRT4bdEbJlek1V3kC08YMHzOZglBGJoipHWAaoBNRa';

describe('hash', () => {
  it('returns a salted $2b$ hash of the configured cost', async () => {
    const [first, second] = [await hasher().hash('secure123'), await hasher().hash('secure123')];
    expect(first).toMatch(/^\$2b\$04\$[./A-Za-z0-9]{53}$/);
    expect(second).not.toBe(first);
    expect(await hasher(5).hash('secure123')).toMatch(/^\$2b\$05\$/);
  });
});

describe('verify', () => {
  const compare = jest.spyOn(threads, 'compare');
  beforeEach(() => compare.mockClear());
  afterAll(() => compare.mockRestore());

  it.each(['$2a$', '$2b$', '$2y$'])('accepts the password of a %s hash and no other', async (version) => {
    const stored = `${version}${SALT_AND_DIGEST}`;
    expect(await hasher().verify('secure123', stored)).toBe(true);
    expect(await hasher().verify('Secure123', stored)).toBe(false);
    expect(await hasher().verify('', stored)).toBe(false);
  });

  it('compares all 72 bytes of a password in any script', async () => {
    const password = `${'é'.repeat(35)}xy`;
    const stored = await hasher().hash(password);
    expect(await hasher().verify(password, stored)).toBe(true);
    expect(await hasher().verify(`${'é'.repeat(35)}xz`, stored)).toBe(false);
  });

  it('accepts a stored hash of any cost', async () => {
    const stored = bcrypt.hashSync('secure123', 5);
    expect(await hasher(4).verify('secure123', stored)).toBe(true);
    expect(compare).toHaveBeenCalledWith('secure123', stored);
  });

  const DUMMY_OF_COST_4 = /^\$2b\$04\$[./A-Za-z0-9]{53}$/;

  it('refuses a password that bcrypt would truncate, at full cost, even if the truncated one is correct', async () => {
    const stored = await hasher().hash('x'.repeat(72));
    expect(await hasher().verify('x'.repeat(73), stored)).toBe(false);
    expect(compare.mock.calls).toEqual([['x'.repeat(73), expect.stringMatching(DUMMY_OF_COST_4)]]);
    expect(compare.mock.calls[0]?.[1]).not.toBe(stored);
  });

  it.each([
    ['no hash', undefined],
    ['an empty hash', ''],
    ['plain text', 'secure123'],
    ['a hash of another algorithm', '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA'],
    ['the hash of a locked account', `!$2b$${SALT_AND_DIGEST}`],
    ['a truncated hash', `$2b$${SALT_AND_DIGEST.slice(0, -1)}`],
    ['a hash with a trailing character', `$2b$${SALT_AND_DIGEST}x`],
    ['a hash with a trailing line break', `$2b$${SALT_AND_DIGEST}\n`],
    ['the broken variant $2x$', `$2x$${SALT_AND_DIGEST}`],
    ['a cost below bcrypt’s', `$2b$03${SALT_AND_DIGEST.slice(2)}`],
    ['a cost above bcrypt’s', `$2b$32${SALT_AND_DIGEST.slice(2)}`],
  ])('refuses every password for %s after one comparison with a dummy', async (_, stored) => {
    expect(await hasher().verify('secure123', stored)).toBe(false);
    expect(compare.mock.calls).toEqual([['secure123', expect.stringMatching(DUMMY_OF_COST_4)]]);
  });

  it('uses a dummy of the configured cost', async () => {
    await hasher(6).verify('secure123', undefined);
    const dummy = String(compare.mock.calls[0]?.[1]);
    expect(bcrypt.getRounds(dummy)).toBe(6);
    expect(dummy).toHaveLength(60);
  });

  it('refuses a password even if it matches the dummy', async () => {
    compare.mockResolvedValueOnce({ result: true, durationMs: 1 });
    expect(await hasher().verify('secure123', undefined)).toBe(false);
  });
});

describe('a hash whose cost differs from BCRYPT_ROUNDS', () => {
  let compare: jest.SpiedFunction<HashThreadPool['compare']>;

  beforeEach(() => {
    compare = jest.spyOn(threads, 'compare');
    compare.mockClear();
  });
  afterAll(() => compare.mockRestore());

  /** The work of all comparisons: 16 for a cost of 4, 32 for 5. */
  const work = () => compare.mock.calls.reduce((sum, [, hash]) => sum + 2 ** bcrypt.getRounds(hash), 0);

  it.each([4, 5, 6, 7])(
    'takes as long to refuse a password for a hash of cost %i as for an unknown name',
    async (cost) => {
      const passwords = hasher(7);
      expect(await passwords.verify('wrong', bcrypt.hashSync('secure123', cost))).toBe(false);
      expect(work()).toBe(2 ** 7);
      compare.mockClear();
      await passwords.verify('wrong', undefined);
      expect(work()).toBe(2 ** 7);
    },
  );

  it('raises the cost of dummies to that of a stored hash, within bounds', async () => {
    const passwords = hasher(4);
    await passwords.verify('wrong', bcrypt.hashSync('secure123', 5));
    compare.mockClear();
    await passwords.verify('wrong', undefined);
    await passwords.verify('wrong', bcrypt.hashSync('secure123', 4));
    expect(work()).toBe(2 ** 5 + 2 ** 5);
    await passwords.verify('wrong', bcrypt.hashSync('secure123', 8));
    compare.mockClear();
    await passwords.verify('wrong', undefined);
    expect(work()).toBe(2 ** 6);
  });

  it('needs one comparison for the correct password', async () => {
    expect(await hasher(7).verify('secure123', bcrypt.hashSync('secure123', 4))).toBe(true);
    expect(compare).toHaveBeenCalledTimes(1);
  });

  it('is outdated if its cost is lower', () => {
    const { isOutdated } = hasher(6);
    expect([5, 6, 7].map((cost) => isOutdated(bcrypt.hashSync('secure123', cost)))).toEqual([true, false, false]);
    expect(['', '!', 'plain text'].map(isOutdated)).toEqual([false, false, false]);
  });
});
