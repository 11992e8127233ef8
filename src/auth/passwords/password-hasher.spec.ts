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
  const made = new PasswordHasher(
    environment,
    new HashQueue(environment, environment, metrics(), ownDemand()),
    threads,
  );
  return {
    hash: async (password: string) => made.hash(password, caller),
    verify: async (password: string, hash: string | undefined) => made.verify(password, hash, caller),
    isOutdated: (hash: string) => made.isOutdated(hash),
  };
}

afterAll(() => threads.onApplicationShutdown());
/** Written by Python's bcrypt for the password `secure123`, cost 4. */
const SALT_AND_DIGEST = '04$78nVv.zM6AWSRT4bdEbJlek1V3kC08YMHzOZglBGJoipHWAaoBNRa';

describe('hash', () => {
  it('is a $2b$ hash of the configured cost that fits the column, another one each time', async () => {
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

  it.each(['$2a$', '$2b$', '$2y$'])('takes the password of a %s hash and no other', async (version) => {
    const stored = `${version}${SALT_AND_DIGEST}`;
    expect(await hasher().verify('secure123', stored)).toBe(true);
    expect(await hasher().verify('Secure123', stored)).toBe(false);
    expect(await hasher().verify('', stored)).toBe(false);
  });

  it('takes passwords of any script, to the last of 72 bytes', async () => {
    const password = `${'é'.repeat(35)}xy`;
    const stored = await hasher().hash(password);
    expect(await hasher().verify(password, stored)).toBe(true);
    expect(await hasher().verify(`${'é'.repeat(35)}xz`, stored)).toBe(false);
  });

  it('compares with the stored hash, whatever its cost', async () => {
    const stored = bcrypt.hashSync('secure123', 5);
    expect(await hasher(4).verify('secure123', stored)).toBe(true);
    expect(compare).toHaveBeenCalledWith('secure123', stored);
  });

  const DUMMY_OF_COST_4 = /^\$2b\$04\$[./A-Za-z0-9]{53}$/;

  it('refuses a password that bcrypt would cut, at full cost, even where the cut one is right', async () => {
    const stored = await hasher().hash('x'.repeat(72));
    expect(await hasher().verify('x'.repeat(73), stored)).toBe(false);
    expect(compare.mock.calls).toEqual([['x'.repeat(73), expect.stringMatching(DUMMY_OF_COST_4)]]);
    expect(compare.mock.calls[0]?.[1]).not.toBe(stored);
  });

  it.each([
    ['no hash', undefined],
    ['an empty hash', ''],
    ['a plain text', 'secure123'],
    ['a hash of another kind', '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA'],
    ['the hash of a locked account', `!$2b$${SALT_AND_DIGEST}`],
    ['a hash that is cut', `$2b$${SALT_AND_DIGEST.slice(0, -1)}`],
    ['a hash that goes on', `$2b$${SALT_AND_DIGEST}x`],
    ['a hash and a line end', `$2b$${SALT_AND_DIGEST}\n`],
    ['the broken variant $2x$', `$2x$${SALT_AND_DIGEST}`],
    ['a cost below bcrypt’s', `$2b$03${SALT_AND_DIGEST.slice(2)}`],
    ['a cost above bcrypt’s', `$2b$32${SALT_AND_DIGEST.slice(2)}`],
  ])('refuses every password of %s after one comparison with a dummy', async (_, stored) => {
    expect(await hasher().verify('secure123', stored)).toBe(false);
    expect(compare.mock.calls).toEqual([['secure123', expect.stringMatching(DUMMY_OF_COST_4)]]);
  });

  it('gives the dummy the cost of the real ones', async () => {
    await hasher(6).verify('secure123', undefined);
    const dummy = String(compare.mock.calls[0]?.[1]);
    expect(bcrypt.getRounds(dummy)).toBe(6);
    expect(dummy).toHaveLength(60);
  });

  it('lets nobody in through the dummy', async () => {
    compare.mockResolvedValueOnce({ result: true, durationMs: 1 });
    expect(await hasher().verify('secure123', undefined)).toBe(false);
  });
});

describe('a hash of another cost than the configured one', () => {
  let compare: jest.SpiedFunction<HashThreadPool['compare']>;

  beforeEach(() => {
    compare = jest.spyOn(threads, 'compare');
    compare.mockClear();
  });
  afterAll(() => compare.mockRestore());

  /** Steps of work: a cost of 4 is 16, one of 5 is 32. */
  const work = () => compare.mock.calls.reduce((sum, [, hash]) => sum + 2 ** bcrypt.getRounds(hash), 0);

  it.each([4, 5, 6, 7])(
    'takes as long to refuse a password when it was made at %i as when nobody has the name',
    async (cost) => {
      const made = hasher(7);
      expect(await made.verify('wrong', bcrypt.hashSync('secure123', cost))).toBe(false);
      expect(work()).toBe(2 ** 7);
      compare.mockClear();
      await made.verify('wrong', undefined);
      expect(work()).toBe(2 ** 7);
    },
  );

  it('shows by its time once at most when it was made at more: dummies follow it, within bounds', async () => {
    const made = hasher(4);
    await made.verify('wrong', bcrypt.hashSync('secure123', 5));
    compare.mockClear();
    await made.verify('wrong', undefined);
    await made.verify('wrong', bcrypt.hashSync('secure123', 4));
    expect(work()).toBe(2 ** 5 + 2 ** 5);
    await made.verify('wrong', bcrypt.hashSync('secure123', 8));
    compare.mockClear();
    await made.verify('wrong', undefined);
    expect(work()).toBe(2 ** 6);
  });

  it('costs the right password one comparison', async () => {
    expect(await hasher(7).verify('secure123', bcrypt.hashSync('secure123', 4))).toBe(true);
    expect(compare).toHaveBeenCalledTimes(1);
  });

  it('is outdated when it was made at less', () => {
    const { isOutdated } = hasher(6);
    expect([5, 6, 7].map((cost) => isOutdated(bcrypt.hashSync('secure123', cost)))).toEqual([true, false, false]);
    expect(['', '!', 'plain text'].map(isOutdated)).toEqual([false, false, false]);
  });
});
