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

const everybody = async (keys: readonly PrincipalKey[]) => keys.map(({ userId }) => principal(userId));

describe('PrincipalLoader', () => {
  it('reads what is asked for together in one query', async () => {
    const { loader, queries } = loaderOf(everybody);
    const loaded = await Promise.all([3, 1, 3, 2, 1].map((id) => loader.load(key(id))));
    expect(loaded.map((found) => found?.user.id)).toEqual([3, 1, 3, 2, 1]);
    expect(queries).toEqual([[key(3), key(1), key(3), key(2), key(1)]]);
  });

  it('tells the sessions of one user apart', async () => {
    const { loader, queries } = loaderOf(async (keys) =>
      keys.map(({ userId, sessionId }) => (sessionId === 'over' ? undefined : principal(userId))),
    );
    const pairs = [key(1, 'over'), key(1, 'live'), key(1, 'other')];
    const loaded = await Promise.all(pairs.map((pair) => loader.load(pair)));
    expect(loaded).toEqual([undefined, principal(1), principal(1)]);
    expect(queries).toEqual([pairs]);
  });

  it('reads together what is asked for in different ticks of one turn of the event loop', async () => {
    const { loader, queries } = loaderOf(everybody);
    const first = loader.load(key(1));
    for (let tick = 0; tick < 5; tick += 1) await new Promise<void>((resolve) => process.nextTick(resolve));
    await Promise.all([first, loader.load(key(2))]);
    expect(queries).toEqual([[key(1), key(2)]]);
  });

  it('gives nothing for who is not there', async () => {
    const { loader } = loaderOf(async () => [undefined, principal(2)]);
    expect(await Promise.all([loader.load(key(1)), loader.load(key(2))])).toEqual([undefined, principal(2)]);
  });

  it('reads again at the next turn: nothing is kept', async () => {
    let found: Found = principal(1);
    const { loader, queries } = loaderOf(async () => [found]);
    expect(await loader.load(key(1))).toEqual(principal(1));
    found = undefined;
    expect(await loader.load(key(1))).toBeUndefined();
    expect(queries).toEqual([[key(1)], [key(1)]]);
  });

  it('fails for all who asked together, and only for them', async () => {
    let away = true;
    const { loader } = loaderOf(async (keys) => {
      if (away) throw new Error('connection refused');
      return everybody(keys);
    });
    const outcomes = await Promise.allSettled([loader.load(key(1)), loader.load(key(2))]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(loader.load(key(1))).rejects.toThrow('connection refused');
    away = false;
    expect(await loader.load(key(1))).toEqual(principal(1));
  });
});
