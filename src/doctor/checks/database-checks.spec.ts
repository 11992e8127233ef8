import { type Changes, said } from '../../../test/support/healthy-facts.js';

const development = { settings: { DEBUG: 'True' } };
const url = (text: string) => ({ settings: { DATABASE_URL: text } });

describe('database', () => {
  it.each<[string, Changes, string]>([
    ['reached', {}, 'pass: PostgreSQL 18.1 at db.example:5432/accounts as auth'],
    [
      'newer',
      { server: { version: '19.0', major: 19 } },
      'warn: PostgreSQL 19.0 at db.example:5432/accounts as auth is newer than',
    ],
    [
      'a standby',
      { server: { isReadOnly: true } },
      'fail: PostgreSQL 18.1 at db.example:5432/accounts as auth is read-only',
    ],
    [
      'unreachable',
      { facts: { database: { state: 'unreachable', reason: 'PostgreSQL at db did not answer' } } },
      'fail: PostgreSQL at db did not answer',
    ],
    [
      'unknown',
      { facts: { database: { state: 'unknown', reason: 'DATABASE_URL cannot be read' } } },
      'info: not checked: DATABASE_URL cannot be read',
    ],
    [
      'embedded',
      { facts: { database: { state: 'embedded' } }, settings: { WORKERS: '1' } },
      'warn: the embedded PostgreSQL serves one process on one machine',
    ],
    [
      'embedded for development',
      { facts: { database: { state: 'embedded' } }, settings: { WORKERS: '1', DEBUG: 'True' } },
      'info: not checked: the embedded PostgreSQL',
    ],
    [
      'embedded and shared',
      { facts: { database: { state: 'embedded' } } },
      'fail: several WORKERS cannot share the embedded PostgreSQL',
    ],
  ])('%s', (_, changes, expected) => {
    expect(said('database', changes)).toEqual([expect.stringContaining(expected)]);
  });
});

describe('database-tls', () => {
  const plain = { tls: undefined };
  it.each<[string, Changes, string]>([
    ['verified', {}, 'pass: TLSv1.3 to the database at 203.0.113.5, with a verified certificate and name'],
    [
      'not verified',
      url('postgresql://auth:x@db/accounts?sslmode=require'),
      'warn: TLSv1.3 to the database at 203.0.113.5, but its identity is not verified (sslmode require)',
    ],
    [
      'none, over the internet',
      { database: plain },
      'fail: account data is not encrypted on the way to the database at 203.0.113.5',
    ],
    [
      'none, over the internet, under DEBUG',
      { database: plain, ...development },
      'warn: account data is not encrypted on the way to the database at 203.0.113.5',
    ],
    [
      'none, in a private network',
      { database: { ...plain, address: '172.18.0.2' } },
      'warn: account data is not encrypted on the way to the database at 172.18.0.2, an address of a private network',
    ],
    [
      'none, on this machine',
      { database: { ...plain, address: '127.0.0.1' } },
      'pass: the database is on this machine',
    ],
    ['none, on a Unix socket', { database: { ...plain, address: undefined } }, 'pass: the database is on this machine'],
  ])('%s', (_, changes, expected) => {
    expect(said('database-tls', changes)).toEqual([expected]);
  });
});

describe('database-migrations', () => {
  it.each<[string, Changes['schema'], string]>([
    ['done', {}, 'pass: the schema is up to date'],
    ['pending', { pending: ['A1', 'B2'] }, 'warn: pending: A1, B2'],
    [
      'done, without rights on the job queue',
      { isKeptFromQueue: true },
      'fail: the role auth may not use the job queue, the schema graphile_worker',
    ],
    ['newer than this build', { foreign: ['C3'] }, 'warn: the database is newer than this build: C3'],
    [
      'of another application',
      { unadoptable: 'The database has a table users that is not ours' },
      'fail: The database has a table users that is not ours',
    ],
    [
      'without rights on the accounts',
      { lackingRights: ['INSERT, UPDATE on the table users', 'SELECT on the table sessions'] },
      'fail: the role auth lacks INSERT, UPDATE on the table users; SELECT on the table sessions',
    ],
  ])('%s', (_, schema, expected) => {
    expect(said('database-migrations', { schema })).toEqual([expected]);
  });
});

describe('password-hashes', () => {
  it.each<[string, Changes['schema'], string]>([
    ['all of bcrypt', {}, 'pass: every account has a password hash that can be verified'],
    [
      'others',
      {
        unusableHashes: [
          { kind: 'argon2', accounts: 2 },
          { kind: 'empty', accounts: 1 },
        ],
      },
      'warn: 3 accounts have a password hash that can never be verified (argon2 2, empty 1)',
    ],
    ['not counted', { unusableHashes: undefined }, 'info: the password hashes of the accounts were not counted'],
  ])('%s', (_, schema, expected) => {
    expect(said('password-hashes', { schema })).toEqual([expected]);
  });
});

describe('database-connections', () => {
  const supply = (connections: number) => ({ connections, source: 'max_connections' });
  // 4 workers of 10, and 1 each for /health and 3 for jobs; a reload starts 2 more; migrations take 3: 87.
  it.each<[string, Changes, string]>([
    [
      'enough',
      {},
      'pass: the service opens at most 87 of the 97 that PostgreSQL grants (max_connections 100, 3 of them reserved)',
    ],
    ['just enough', { database: { supply: supply(89) } }, 'pass: the service opens at most 87 of the 89'],
    ['enough without other applications', { server: { otherConnections: 30 } }, 'and others use 30 now'],
    [
      'too few',
      { database: { supply: supply(86) } },
      'fail: PostgreSQL grants 86 connections (max_connections), but the service may open',
    ],
    [
      'too few for a reload of one',
      { database: { supply: supply(20) }, settings: { WORKERS: '1' } },
      'warn: PostgreSQL grants 20 connections',
    ],
    ['a pooler', { database: { supply: undefined } }, 'info: unknown: connections go through a pooler'],
  ])('%s', (_, changes, expected) => {
    expect(said('database-connections', changes)).toEqual([expect.stringContaining(expected)]);
  });
});

describe('durability and clock', () => {
  it.each<[string, Changes, string]>([
    ['database-durability', {}, 'pass: committed data survives a crash'],
    [
      'database-durability',
      { server: { keepsCommits: false } },
      'warn: synchronous_commit is off: a crash loses the most recent changes',
    ],
    [
      'database-durability',
      { server: { survivesCrash: false } },
      'fail: fsync or full_page_writes is off: a crash of the machine can corrupt the database',
    ],
    [
      'database-durability',
      { server: { survivesCrash: false }, ...development },
      'warn: fsync or full_page_writes is off: a crash of the machine can corrupt the database',
    ],
    [
      'database-clock',
      { database: { clockAheadMs: -5000 } },
      'pass: the clocks of this machine and of the database are 5.0 s apart',
    ],
    [
      'database-clock',
      { database: { clockAheadMs: -5001 } },
      'warn: the clocks of this machine and of the database are 5.0 s apart',
    ],
    [
      'database-clock',
      { database: { clockAheadMs: 60_001 } },
      'fail: the clocks of this machine and of the database are 60.0 s apart: tokens are rejected, or are valid for too long',
    ],
  ])('%s of %j', (check, changes, expected) => {
    expect(said(check, changes)).toEqual([expected]);
  });
});
