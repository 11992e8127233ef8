import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import type { Account } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';

/**
 * Reads the user of every authenticated request afresh, so that who is disabled or deleted is refused at the next
 * request on every worker (row A34). Nothing is cached: the look-ups that arrive together become one query.
 */
@Injectable()
export class PrincipalLoader {
  private readonly loader: DataLoader<number, Account | undefined>;

  constructor(users: UsersService) {
    this.loader = new DataLoader(async (ids) => inOrder(ids, await users.listByIds([...new Set(ids)])), {
      cache: false,
      // One turn of the event loop reads many sockets; the default would look up after each of them.
      batchScheduleFn: setImmediate,
    });
  }

  load(userId: number): Promise<Account | undefined> {
    return this.loader.load(userId);
  }
}

function inOrder(ids: readonly number[], accounts: readonly Account[]): (Account | undefined)[] {
  const byId = new Map(accounts.map((account) => [account.id, account]));
  return ids.map((id) => byId.get(id));
}
