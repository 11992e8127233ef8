import type { MigrationInterface, QueryRunner } from 'typeorm';
import { foldedSql } from '../users/folded-name.js';
import { refuseUnlessAdoptable, usersTableOf } from './users-adoption.js';

const CREATE = `
  CREATE TABLE users (
    id SERIAL NOT NULL,
    username VARCHAR(50) NOT NULL,
    email VARCHAR(100),
    hashed_password VARCHAR(255) NOT NULL,
    is_active BOOLEAN DEFAULT true,
    is_superuser BOOLEAN DEFAULT false,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
    updated_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id)
  )`;

const INDEXES = [
  'CREATE INDEX IF NOT EXISTS ix_users_id ON users (id)',
  'CREATE UNIQUE INDEX IF NOT EXISTS ix_users_username ON users (username)',
  'CREATE UNIQUE INDEX IF NOT EXISTS ix_users_email ON users (email)',
  `CREATE UNIQUE INDEX uq_users_username_folded ON users (${foldedSql('username')})`,
  `CREATE UNIQUE INDEX uq_users_email_folded ON users (${foldedSql('email')})`,
];

/** Creates the table `users`, or adopts the one that the Python service left behind, rows, ids and all. */
export class CreateUsers1770000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    if (await usersTableOf(runner)) await adopt(runner);
    else await runner.query(CREATE);
    for (const index of INDEXES) await runner.query(index);
  }

  /** Accounts are never thrown away: a table with rows stays, and the next `up` adopts it again. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX uq_users_email_folded');
    await runner.query('DROP INDEX uq_users_username_folded');
    const rows = (await runner.query('SELECT FROM users LIMIT 1')) as unknown[];
    if (rows.length === 0) await runner.query('DROP TABLE users');
  }
}

async function adopt(runner: QueryRunner): Promise<void> {
  // The Python service may still be writing: what is checked must be what is changed.
  await runner.query('LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
  await refuseUnlessAdoptable(runner);
  const done: string[] = [];
  for (const step of [addMissingColumns, widenColumns, giveTimesAZone, setDefaults, fillNulls, continueIds]) {
    done.push(...(await step(runner)));
  }
  const [{ count = 0 } = {}] = (await runner.query('SELECT count(*)::int AS count FROM users')) as { count?: number }[];
  const changes = done.length === 0 ? 'nothing had to change' : done.join('; ');
  runner.dataSource.logger.log('info', `adopted the existing table users with ${count} accounts: ${changes}`);
}

async function addMissingColumns(runner: QueryRunner): Promise<string[]> {
  const done: string[] = [];
  const columns = (await usersTableOf(runner)) ?? new Map();
  for (const [name, definition] of [
    ['email', 'VARCHAR(100)'],
    ['is_active', 'BOOLEAN DEFAULT true'],
    ['is_superuser', 'BOOLEAN DEFAULT false'],
    ['created_at', 'TIMESTAMP WITH TIME ZONE DEFAULT now()'],
    ['updated_at', 'TIMESTAMP WITH TIME ZONE'],
  ] as const) {
    if (columns.has(name)) continue;
    await runner.query(`ALTER TABLE users ADD COLUMN ${name} ${definition}`);
    done.push(`added ${name}`);
  }
  return done;
}

async function widenColumns(runner: QueryRunner): Promise<string[]> {
  const done: string[] = [];
  const columns = (await usersTableOf(runner)) ?? new Map();
  for (const [name, length] of [
    ['username', 50],
    ['email', 100],
    ['hashed_password', 255],
  ] as const) {
    if ((columns.get(name)?.length ?? length) >= length) continue;
    await runner.query(`ALTER TABLE users ALTER COLUMN ${name} TYPE VARCHAR(${length})`);
    done.push(`widened ${name} to ${length}`);
  }
  return done;
}

/** SQLAlchemy's plain DateTime holds UTC without saying so. */
async function giveTimesAZone(runner: QueryRunner): Promise<string[]> {
  const done: string[] = [];
  const columns = (await usersTableOf(runner)) ?? new Map();
  for (const name of ['created_at', 'updated_at']) {
    if (columns.get(name)?.type !== 'timestamp without time zone') continue;
    // A default of the old type would be cast by the session's time zone.
    await runner.query(`ALTER TABLE users ALTER COLUMN ${name} DROP DEFAULT`);
    await runner.query(
      `ALTER TABLE users ALTER COLUMN ${name} TYPE TIMESTAMP WITH TIME ZONE USING ${name} AT TIME ZONE 'UTC'`,
    );
    done.push(`read ${name} as UTC`);
  }
  return done;
}

async function setDefaults(runner: QueryRunner): Promise<string[]> {
  await runner.query(
    `ALTER TABLE users ALTER COLUMN is_active SET DEFAULT true,
                       ALTER COLUMN is_superuser SET DEFAULT false,
                       ALTER COLUMN created_at SET DEFAULT now()`,
  );
  return [];
}

async function fillNulls(runner: QueryRunner): Promise<string[]> {
  const [, changed] = (await runner.query(
    `UPDATE users SET is_active = coalesce(is_active, false), is_superuser = coalesce(is_superuser, false),
                      created_at = coalesce(created_at, now())
      WHERE is_active IS NULL OR is_superuser IS NULL OR created_at IS NULL`,
  )) as [unknown, number];
  return changed ? [`filled what was NULL in ${changed} rows`] : [];
}

/** A dump that was restored without its sequence would hand out ids that are taken. */
async function continueIds(runner: QueryRunner): Promise<string[]> {
  const [{ sequence } = {}] = (await runner.query(
    `SELECT pg_get_serial_sequence('users', 'id') AS sequence`,
  )) as { sequence?: string | null }[];
  if (!sequence) {
    await runner.query('CREATE SEQUENCE users_id_seq AS integer OWNED BY users.id');
    await runner.query(`ALTER TABLE users ALTER COLUMN id SET DEFAULT nextval('users_id_seq')`);
  }
  await runner.query(
    `SELECT setval(sequence, greatest(max_id, last_value), max_id IS NOT NULL OR is_called)
       FROM (SELECT max(id) AS max_id FROM users) AS ids,
            LATERAL (SELECT last_value, is_called, '${sequence ?? 'users_id_seq'}'::regclass AS sequence
                       FROM ${sequence ?? 'users_id_seq'}) AS counter`,
  );
  return sequence ? [] : ['gave id a sequence'];
}
