import type { Account } from '../users/user.entity.js';
import type { UsersService } from '../users/users.service.js';
import { PrincipalLoader } from './principal-loader.js';

const account = (id: number) => ({ id, username: `user${id}` }) as Account;

function loaderOf(listByIds: (ids: readonly number[]) => Promise<Account[]>) {
  const queries: number[][] = [];
  const users = {
    listByIds: (ids: readonly number[]) => {
      queries.push([...ids]);
      return listByIds(ids);
    },
  };
  return { loader: new PrincipalLoader(users as UsersService), queries };
}

describe('PrincipalLoader', () => {
  it('reads what is asked for together in one query, each id once', async () => {
    const { loader, queries } = loaderOf(async (ids) => ids.map(account));
    const loaded = await Promise.all([3, 1, 3, 2, 1].map((id) => loader.load(id)));
    expect(loaded.map((user) => user?.id)).toEqual([3, 1, 3, 2, 1]);
    expect(queries).toEqual([[3, 1, 2]]);
  });

  it('reads together what is asked for in different ticks of one turn of the event loop', async () => {
    const { loader, queries } = loaderOf(async (ids) => ids.map(account));
    const first = loader.load(1);
    for (let tick = 0; tick < 5; tick += 1) await new Promise<void>((resolve) => process.nextTick(resolve));
    await Promise.all([first, loader.load(2)]);
    expect(queries).toEqual([[1, 2]]);
  });

  it('gives each its own user, whatever the order of the rows', async () => {
    const { loader } = loaderOf(async (ids) => ids.map(account).toReversed());
    const loaded = await Promise.all([5, 4, 9].map((id) => loader.load(id)));
    expect(loaded.map((user) => user?.username)).toEqual(['user5', 'user4', 'user9']);
  });

  it('gives nothing for who is not there', async () => {
    const { loader } = loaderOf(async () => [account(2)]);
    expect(await Promise.all([loader.load(1), loader.load(2)])).toEqual([undefined, account(2)]);
  });

  it('reads again at the next turn: nothing is kept', async () => {
    let rows = [account(1)];
    const { loader, queries } = loaderOf(async () => rows);
    expect(await loader.load(1)).toEqual(account(1));
    rows = [];
    expect(await loader.load(1)).toBeUndefined();
    expect(queries).toEqual([[1], [1]]);
  });

  it('fails for all who asked together, and only for them', async () => {
    let away = true;
    const { loader } = loaderOf(async (ids) => {
      if (away) throw new Error('connection refused');
      return ids.map(account);
    });
    const outcomes = await Promise.allSettled([loader.load(1), loader.load(2)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(loader.load(1)).rejects.toThrow('connection refused');
    away = false;
    expect(await loader.load(1)).toEqual(account(1));
  });
});
