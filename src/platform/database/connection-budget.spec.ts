import { ConfigurationError } from '../config/configuration-error.js';
import { connectionDemand, describeShortage, refuseSharedEmbeddedDatabase } from './connection-budget.js';

describe('connectionDemand', () => {
  it.each([
    // A reload adds one process, or two of several. A process has one connection for /health; migrations need three.
    [
      { WORKERS: 1, DB_POOL_SIZE: 10 },
      { serving: 14, reloading: 25 },
    ],
    [
      { WORKERS: 2, DB_POOL_SIZE: 10 },
      { serving: 25, reloading: 36 },
    ],
    [
      { WORKERS: 3, DB_POOL_SIZE: 1 },
      { serving: 9, reloading: 13 },
    ],
    [
      { WORKERS: 8, DB_POOL_SIZE: 10 },
      { serving: 91, reloading: 113 },
    ],
    // Three more for jobs.
    [
      { WORKERS: 2, DB_POOL_SIZE: 10, WORKER: 'embedded' as const },
      { serving: 31, reloading: 45 },
    ],
    [
      { WORKERS: 1, DB_POOL_SIZE: 10, WORKER: 'only' as const },
      { serving: 17, reloading: 31 },
    ],
  ])('of %j is %j', (counts, demand) => {
    expect(connectionDemand({ WORKER: 'off', ...counts })).toEqual(demand);
  });
});

describe('describeShortage', () => {
  it('shows the sum, and the largest pool that fits', () => {
    const supply = { connections: 97, source: 'max_connections 100, 3 of them reserved' };
    expect(describeShortage({ WORKERS: 8, DB_POOL_SIZE: 10, WORKER: 'embedded' }, supply)).toBe(
      'PostgreSQL grants 97 connections (max_connections 100, 3 of them reserved), but the service may open ' +
        '(8 (WORKERS) + 2 (during a reload)) × (10 (DB_POOL_SIZE) + 1 (/health) + 3 (jobs)) + 3 (migrations) = 143. ' +
        'Set DB_POOL_SIZE=5, or raise the limit.',
    );
    expect(connectionDemand({ WORKERS: 8, DB_POOL_SIZE: 5, WORKER: 'embedded' }).reloading).toBeLessThanOrEqual(97);
    expect(connectionDemand({ WORKERS: 8, DB_POOL_SIZE: 6, WORKER: 'embedded' }).reloading).toBeGreaterThan(97);
  });

  it('leaves out jobs if the processes do none', () => {
    const supply = { connections: 97, source: 'max_connections 100, 3 of them reserved' };
    expect(describeShortage({ WORKERS: 8, DB_POOL_SIZE: 10, WORKER: 'off' }, supply)).toMatch(
      / \+ 1 \(\/health\)\) \+ 3 \(migrations\) = 113\. Set DB_POOL_SIZE=8,/,
    );
  });

  it('suggests fewer workers if no pool fits', () => {
    const supply = { connections: 20, source: 'CONNECTION LIMIT of the role app' };
    expect(describeShortage({ WORKERS: 8, DB_POOL_SIZE: 10, WORKER: 'off' }, supply)).toMatch(
      / Set fewer WORKERS, or raise/,
    );
  });
});

describe('refuseSharedEmbeddedDatabase', () => {
  it('refuses more than one process', () => {
    expect(() => refuseSharedEmbeddedDatabase({ WORKERS: 1 })).not.toThrow();
    expect(() => refuseSharedEmbeddedDatabase({ WORKERS: 2 })).toThrow(ConfigurationError);
  });
});
