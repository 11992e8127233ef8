import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findTableWrites, type TableWrite } from '../support/table-writes.js';

/** The only folder that may write each table. Migrations are exempt. */
const OWNERS: Readonly<Record<string, string>> = {
  audit_checkpoints: 'src/audit',
  audit_details: 'src/audit',
  audit_events: 'src/audit',
  audit_seals: 'src/audit',
  audit_unsealed: 'src/audit',
  deletion_notices: 'src/account',
  hash_demands: 'src/auth/passwords/hashing',
  one_time_tokens: 'src/auth/links',
  rate_limits: 'src/platform/rate-limit',
  session_networks: 'src/auth/sessions',
  sessions: 'src/auth/sessions',
  users: 'src/users',
};

/** The folder that may write the tables of the job queue's library. */
const QUEUE = { schema: 'graphile_worker.', owner: 'src/jobs' };

const SAMPLES = 'test/support/table-write-samples.ts';

const product = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((file) => join('src', file))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && dirname(file) !== 'src/migrations');

function ownerOf(table: string): string | undefined {
  return table.startsWith(QUEUE.schema) ? QUEUE.owner : OWNERS[table];
}

function isByOwner({ file, table }: TableWrite): boolean {
  const owner = table && ownerOf(table);
  return owner ? file.startsWith(`${owner}/`) : false;
}

describe('the tables', () => {
  let writes: TableWrite[];
  let samples: TableWrite[];

  beforeAll(() => {
    const all = findTableWrites([...product, SAMPLES]);
    writes = all.filter(({ file }) => file !== SAMPLES);
    samples = all.filter(({ file }) => file === SAMPLES);
  });

  it('are written only by the folder that owns them', () => {
    const others = writes.filter((write) => !isByOwner(write));
    expect(others.map(({ file, line, table }) => `${file}:${line} writes ${table ?? 'an unknown table'}`)).toEqual([]);
  });

  it('are owned by the folder of their entity', () => {
    const entities = product.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/^@Entity\('(\w+)'/gm)].map(([, table]) => [table, dirname(file)]),
    );
    expect(Object.fromEntries(entities)).toEqual(OWNERS);
  });

  it('are detected in SQL and in TypeORM calls', () => {
    const sql = ['users', 'users', 'sessions', 'sessions', 'users', 'sessions', 'public.users', undefined];
    const calls = ['users', 'users', 'users', 'users', 'users', undefined];
    const builders = ['users', 'users', 'users', 'users', 'users', undefined];
    expect(samples.map(({ table }) => table)).toEqual([...sql, ...calls, ...builders]);
    expect(samples.filter(isByOwner)).toEqual([]);
  });
});
