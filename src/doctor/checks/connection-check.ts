import { connectionDemand, describeShortage } from '../../platform/database/connection-budget.js';
import { describeMissing } from '../../platform/database/pooler.js';
import type { ReachedDatabase } from '../facts/database-facts.js';
import type { Facts } from '../facts/facts.js';
import { fail, info, pass, type Verdict, warn } from './finding.js';

/** Whether the connections match DATABASE_POOL_MODE, and what that mode lacks. */
export function pooling({ settings, isPooled, missingParameters }: ReachedDatabase): Verdict | Verdict[] {
  if (settings.poolMode !== 'transaction') {
    return pass(isPooled ? 'a pooler assigns a connection to each session' : 'connections go directly to PostgreSQL');
  }
  if (missingParameters !== undefined) {
    return fail('the role lacks parameters that transaction mode needs', describeMissing(missingParameters));
  }
  const found = 'a pooler assigns a connection to each transaction (DATABASE_POOL_MODE)';
  if (settings.direct) return pass(`${found}; migrations and jobs use DATABASE_DIRECT_URL`);
  return warn(
    `${found}, and DATABASE_DIRECT_URL is not set: this process cannot run jobs or migrations`,
    'Set DATABASE_DIRECT_URL, or run another process with it: WORKER=only for jobs, and migration:run before an upgrade.',
  );
}

/** Compares the connections that all workers may open, including during a reload, with those that the server grants. */
export function connectionBudget({ server, supply }: ReachedDatabase, { settings: { environment } }: Facts): Verdict {
  if (!supply)
    return info('unknown: connections go through a pooler, whose limit must be at least WORKERS × DB_POOL_SIZE');
  const { serving, reloading } = connectionDemand(environment);
  const remedy = 'Lower DB_POOL_SIZE or WORKERS, or raise max_connections.';
  const shortage = describeShortage(environment, supply);
  if ((environment.WORKERS > 1 ? reloading : serving) > supply.connections) return fail(shortage, remedy);
  if (reloading > supply.connections) return warn(shortage, remedy);
  const granted = `${reloading} of the ${supply.connections} that PostgreSQL grants (${supply.source})`;
  if (reloading + server.otherConnections > supply.connections) {
    return warn(`the service may open ${granted}, and others use ${server.otherConnections} now`, remedy);
  }
  return pass(`the service opens at most ${granted}`);
}
