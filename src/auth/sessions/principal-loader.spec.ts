import { permissionsOf } from '../../access/permissions.js';
import type { SessionPrincipal } from '../../access/principal.js';
import type { Account } from '../../users/user.entity.js';
import { PrincipalLoader } from './principal-loader.js';
import type { PrincipalKey, PrincipalReader } from './principal-reader.js';

type Found = SessionPrincipal<Account> | undefined;

const principal = (id: number): SessionPrincipal<Account> => ({
  kind: 'session',
  user: { id, username: `user${id}` } as Account,
  permissions: permissionsOf({ isSuperuser: false }),
  sessionId: 'a',
  aal: 1,
  amr: ['pwd'],
  authenticatedAt: new Date(0),
  authenticationAge: 0,
});
const key = (userId: number, sessionId = 'a'): PrincipalKey => ({ userId, sessionId });

function loaderOf(find: (keys: readonly PrincipalKey[]) => Promise<Found[]>) {
  const queries: PrincipalKey[][] = [];
  const principals = {
    findAll: (keys: readonly PrincipalKey[]) => {
      queries.push([...keys]);
      return find(keys);
    },
  };
  return { loader: new PrincipalLoader(principals as PrincipalReader), queries };
}

const findEveryone = async (keys: readonly PrincipalKey[]) => keys.map(({ userId }) => principal(userId));

describe('PrincipalLoader', () => {
  it('reads keys that are requested together in one query', async () => {
    const { loader, queries } = loaderOf(findEveryone);
    const loaded = await Promise.all([3, 1, 3, 2, 1].map((id) => loader.load(key(id))));
    expect(loaded.map((found) => found?.user.id)).toEqual([3, 1, 3, 2, 1]);
    expect(queries).toEqual([[key(3), key(1), key(3), key(2), key(1)]]);
  });

  it('distinguishes the sessions of one user', async () => {
    const { loader, queries } = loaderOf(async (keys) =>
      keys.map(({ userId, sessionId }) => (sessionId === 'over' ? undefined : principal(userId))),
    );
    const pairs = [key(1, 'over'), key(1, 'live'), key(1, 'other')];
    const loaded = await Promise.all(pairs.map((pair) => loader.load(pair)));
    expect(loaded).toEqual([undefined, principal(1), principal(1)]);
    expect(queries).toEqual([pairs]);
  });

  it('batches keys from different ticks of one turn of the event loop', async () => {
    const { loader, queries } = loaderOf(findEveryone);
    const first = loader.load(key(1));
    for (let tick = 0; tick < 5; tick += 1) await new Promise<void>((resolve) => process.nextTick(resolve));
    await Promise.all([first, loader.load(key(2))]);
    expect(queries).toEqual([[key(1), key(2)]]);
  });

  it('returns undefined for a key without a principal', async () => {
    const { loader } = loaderOf(async () => [undefined, principal(2)]);
    expect(await Promise.all([loader.load(key(1)), loader.load(key(2))])).toEqual([undefined, principal(2)]);
  });

  it('caches nothing: it reads again in the next turn', async () => {
    let found: Found = principal(1);
    const { loader, queries } = loaderOf(async () => [found]);
    expect(await loader.load(key(1))).toEqual(principal(1));
    found = undefined;
    expect(await loader.load(key(1))).toBeUndefined();
    expect(queries).toEqual([[key(1)], [key(1)]]);
  });

  it('fails for every key of a failed batch, and only for those', async () => {
    let isDown = true;
    const { loader } = loaderOf(async (keys) => {
      if (isDown) throw new Error('connection refused');
      return findEveryone(keys);
    });
    const outcomes = await Promise.allSettled([loader.load(key(1)), loader.load(key(2))]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(loader.load(key(1))).rejects.toThrow('connection refused');
    isDown = false;
    expect(await loader.load(key(1))).toEqual(principal(1));
  });
});
