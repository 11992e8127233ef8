import type { ReachedDatabase } from '../facts/database-facts.js';
import type { Facts } from '../facts/facts.js';
import type { Check } from './finding.js';

/** A check of a database that was reached. It does not apply to others. */
export function whenConnected(check: (database: ReachedDatabase, facts: Facts) => ReturnType<Check>): Check {
  return (facts) => (facts.database.state === 'reached' ? check(facts.database, facts) : undefined);
}
