import type { DemandTable, ProcessDemands } from '../../src/auth/passwords/hashing/demand-table.js';
import type { ReportedDemand } from '../../src/auth/passwords/hashing/recent-demand.js';
import { SharedDemand } from '../../src/auth/passwords/hashing/shared-demand.js';

/** The clients' demand as several processes know it, as if they exchanged it through the database. */
export function sharedDemands(processes: number): SharedDemand[] {
  const rows = new Map<number, { demands: readonly ReportedDemand[]; at: number }>();
  return Array.from({ length: processes }, (_, number) => {
    const exchange = async (demands: readonly ReportedDemand[]): Promise<ProcessDemands[]> => {
      rows.set(number, { demands, at: performance.now() });
      const others = [...rows].filter(([other]) => other !== number);
      return others.map(([, row]) => ({ demands: row.demands, age: performance.now() - row.at }));
    };
    return new SharedDemand({ exchange } as DemandTable);
  });
}

/** The demand of a single process. */
export function ownDemand(): SharedDemand {
  const [demand] = sharedDemands(1);
  return demand as SharedDemand;
}
