import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { type LivePrincipal, LivePrincipals, type PrincipalKey } from './live-principals.js';

/**
 * Reads the user and the session of every authenticated request afresh, so that who is disabled, deleted or signed out is
 * refused at the next request on every worker (rows A34, A36). Nothing is cached: the look-ups that arrive together become
 * one query.
 */
@Injectable()
export class PrincipalLoader {
  private readonly loader: DataLoader<PrincipalKey, LivePrincipal | undefined>;

  constructor(principals: LivePrincipals) {
    this.loader = new DataLoader(async (keys) => principals.find(keys), {
      cache: false,
      // One turn of the event loop reads many sockets; the default would look up after each of them.
      batchScheduleFn: setImmediate,
    });
  }

  /** @returns undefined for an account that is gone, and for a session that is over or another user's */
  load(key: PrincipalKey): Promise<LivePrincipal | undefined> {
    return this.loader.load(key);
  }
}
