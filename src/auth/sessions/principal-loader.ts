import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import type { SessionPrincipal } from '../../access/principal.js';
import type { Account } from '../../users/user.entity.js';
import { type PrincipalKey, PrincipalReader } from './principal-reader.js';

/**
 * Reads the user, the session and the permissions of every authenticated request. Nothing is cached, so a disabled
 * account, an ended session or a revoked permission takes effect at the next request on every worker. Look-ups in one
 * turn of the event loop become one query.
 */
@Injectable()
export class PrincipalLoader {
  private readonly loader: DataLoader<PrincipalKey, SessionPrincipal<Account> | undefined>;

  constructor(principals: PrincipalReader) {
    this.loader = new DataLoader(async (keys) => principals.findAll(keys), {
      cache: false,
      // One turn of the event loop reads many sockets. The default would run a query after each of them.
      batchScheduleFn: setImmediate,
    });
  }

  /** @returns undefined if the account is disabled or deleted, or the session has ended or belongs to another user */
  load(key: PrincipalKey): Promise<SessionPrincipal<Account> | undefined> {
    return this.loader.load(key);
  }
}
