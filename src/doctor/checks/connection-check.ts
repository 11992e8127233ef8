import { connectionDemand, describeShortage } from '../../platform/database/connection-budget.js';
import { describeMissing } from '../../platform/database/pooler.js';
import type { ReachedDatabase } from '../facts/database-facts.js';
import type { Facts } from '../facts/facts.js';
import { fail, info, pass, type Verdict, warn } from './finding.js';

/** Whether the connections match DATABASE_POOL_MODE, and what is missing for it. */
export function pooling({ settings, isPooled, missingParameters }: ReachedDatabase): Verdict | Verdict[] {
  if (settings.poolMode !== 'transaction') {
    return pass(isPooled ? 'a pooler lends a connection for each session' : 'connections lead to PostgreSQL itself');
  }
  if (missingParameters !== undefined) {
    return fail('the role lacks parameters that transaction mode needs', describeMissing(missingParameters));
  }
  const found = 'a connection is lent for each transaction (DATABASE_POOL_MODE)';
  if (settings.direct) return pass(`${found}; migrations and jobs use DATABASE_DIRECT_URL`);
  return warn(
    `${found}, and DATABASE_DIRECT_URL is not set: this process does no jobs, and cannot migrate`,
    'Set DATABASE_DIRECT_URL, or run a process that has it: WORKER=only for jobs, and migration:run before an upgrade.',
  );
}

/** What all workers may open together, with those of a reload, against what the server grants. */
export function connectionBudget({ server, supply }: ReachedDatabase, { settings: { environment } }: Facts): Verdict {
  if (!supply) return info('not known: connections go through a pooler, whose limit is to hold WORKERS × DB_POOL_SIZE');
  const { serving, reloading } = connectionDemand(environment);
  const remedy = 'Lower DB_POOL_SIZE or WORKERS, or raise max_connections.';
  const shortage = describeShortage(environment, supply);
  if ((environment.WORKERS > 1 ? reloading : serving) > supply.connections) return fail(shortage, remedy);
  if (reloading > supply.connections) return warn(shortage, remedy);
  const granted = `${reloading} of the ${supply.connections} that PostgreSQL grants (${supply.source})`;
  if (reloading + server.otherConnections > supply.connections) {
    return warn(`the service may open ${granted}, and others hold ${server.otherConnections} now`, remedy);
  }
  return pass(`the service opens at most ${granted}`);
}
