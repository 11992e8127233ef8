import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import type { SessionPrincipal } from '../../access/principal.js';
import type { Account } from '../../users/user.entity.js';
import { type PrincipalKey, PrincipalReader } from './principal-reader.js';

/**
 * Reads the user, the session and the permissions of every authenticated request. Nothing is cached, so a disabled
 * account, an ended session or a lost permission counts at the next request on every worker. Look-ups that arrive
 * together become one query.
 */
@Injectable()
export class PrincipalLoader {
  private readonly loader: DataLoader<PrincipalKey, SessionPrincipal<Account> | undefined>;

  constructor(principals: PrincipalReader) {
    this.loader = new DataLoader(async (keys) => principals.findAll(keys), {
      cache: false,
      // One turn of the event loop reads many sockets; the default would look up after each of them.
      batchScheduleFn: setImmediate,
    });
  }

  /** @returns undefined for an account that is disabled or gone, and for a session that has ended or is another user's */
  load(key: PrincipalKey): Promise<SessionPrincipal<Account> | undefined> {
    return this.loader.load(key);
  }
}
