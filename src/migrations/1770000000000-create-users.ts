import pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { describeUnusable, unusableHashes } from './password-hashes.js';
import { DEFAULT_ZONE } from './times-without-zone.js';
import { columnsToWiden, refuseUnlessAdoptable, timesWithoutZone, usersTableOf } from './users-adoption.js';

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

/** How names and addresses were folded before migration 1770000800000. */
const folded = (column: string): string =>
  `(normalize(upper(lower(normalize(${column}, NFKC) COLLATE "und-x-icu")), NFKC) COLLATE "C")`;

const INDEXES = [
  'CREATE INDEX IF NOT EXISTS ix_users_id ON users (id)',
  'CREATE UNIQUE INDEX IF NOT EXISTS ix_users_username ON users (username)',
  'CREATE UNIQUE INDEX IF NOT EXISTS ix_users_email ON users (email)',
  `CREATE UNIQUE INDEX uq_users_username_folded ON users (${folded('username')})`,
  `CREATE UNIQUE INDEX uq_users_email_folded ON users (${folded('email')})`,
];

interface IdSource {
  filled: boolean;
  /** The quoted name of the sequence. Null if the ids do not come from a sequence. */
  sequence: string | null;
}

/**
 * The migration that creates the table `users`, or adopts that of the Python service with its rows and ids.
 *
 * @param adoptTimezone the zone of times without a time zone (ADOPT_TIMEZONE)
 */
export function createUsers(adoptTimezone: string | undefined): new () => MigrationInterface {
  return class CreateUsers1770000000000 implements MigrationInterface {
    async up(runner: QueryRunner): Promise<void> {
      if (await usersTableOf(runner)) await adopt(runner, adoptTimezone);
      else await runner.query(CREATE);
      for (const index of INDEXES) await runner.query(index);
    }

    /** Keeps a table with accounts, which the next `up` adopts again. */
    async down(runner: QueryRunner): Promise<void> {
      await runner.query('DROP INDEX uq_users_email_folded');
      await runner.query('DROP INDEX uq_users_username_folded');
      const rows = (await runner.query('SELECT FROM users LIMIT 1')) as unknown[];
      if (rows.length === 0) await runner.query('DROP TABLE users');
    }
  };
}

async function adopt(runner: QueryRunner, adoptTimezone: string | undefined): Promise<void> {
  await lock(runner);
  await refuseUnlessAdoptable(runner, adoptTimezone);
  const done: string[] = [];
  const giveZone = async () => giveTimesAZone(runner, adoptTimezone ?? DEFAULT_ZONE);
  for (const step of [addMissingColumns, widenColumns, giveZone, setDefaults, fillNulls, continueIds]) {
    done.push(...(await step(runner)));
  }
  const [{ count = 0 } = {}] = (await runner.query('SELECT count(*)::int AS count FROM users')) as { count?: number }[];
  const changes = done.length === 0 ? 'no changes were needed' : done.join('; ');
  runner.dataSource.logger.log('info', `adopted the existing table users with ${count} accounts: ${changes}`);
  const unusable = describeUnusable(await unusableHashes(runner));
  if (unusable) runner.dataSource.logger.log('warn', `${unusable}: they need a new password to sign in`);
}

/** Locks the table, because the Python service may write between the checks and the changes. */
async function lock(runner: QueryRunner): Promise<void> {
  const [{ sessions = '' } = {}] = (await runner.query(
    `SELECT string_agg(DISTINCT pid::text, ', ') AS sessions FROM pg_locks
      WHERE relation = to_regclass('users') AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND granted AND pid <> pg_backend_pid()`,
  )) as { sessions?: string | null }[];
  if (sessions) {
    runner.dataSource.logger.log(
      'info',
      `waiting for open transactions on the table users (PostgreSQL processes ${sessions}) to end before it is adopted`,
    );
  }
  await runner.query('LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
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
  for (const [name, length] of columnsToWiden(columns)) {
    await runner.query(`ALTER TABLE users ALTER COLUMN ${name} TYPE VARCHAR(${length})`);
    done.push(`widened ${name} to ${length}`);
  }
  return done;
}

/** @param zone the zone in which SQLAlchemy's plain DateTime was written */
async function giveTimesAZone(runner: QueryRunner, zone: string): Promise<string[]> {
  const done: string[] = [];
  const columns = (await usersTableOf(runner)) ?? new Map();
  for (const name of timesWithoutZone(columns)) {
    // PostgreSQL would cast an existing default in the time zone of the session. Any default stands for the current
    // time.
    const newDefault = columns.get(name)?.hasDefault ? [`ALTER COLUMN ${name} SET DEFAULT now()`] : [];
    await runner.query(
      [
        `ALTER TABLE users ALTER COLUMN ${name} DROP DEFAULT`,
        `ALTER COLUMN ${name} TYPE TIMESTAMP WITH TIME ZONE USING ${name} AT TIME ZONE ${pg.escapeLiteral(zone)}`,
        ...newDefault,
      ].join(', '),
    );
    done.push(`read ${name} as ${zone}`);
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
  return changed ? [`replaced NULL in ${changed} rows`] : [];
}

/**
 * The source of the ids: whether the column has a default or an identity, and its sequence, or the name of one to
 * create.
 */
const ID_SOURCE = `
  SELECT filled, CASE WHEN filled THEN coalesce(used, owned) ELSE coalesce(owned, schema || '.users_id_seq') END AS sequence
    FROM (SELECT atthasdef OR attidentity <> '' AS filled,
                 relnamespace::regnamespace::text AS schema,
                 pg_get_serial_sequence('users', 'id') AS owned,
                 (SELECT sequence.oid::regclass::text
                    FROM pg_attrdef def JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = def.oid
                    JOIN pg_class sequence ON d.refclassid = 'pg_class'::regclass AND d.refobjid = sequence.oid AND relkind = 'S'
                   WHERE adrelid = attrelid AND adnum = attnum LIMIT 1) AS used
            FROM pg_attribute JOIN pg_class users ON users.oid = attrelid
           WHERE attrelid = to_regclass('users') AND attname = 'id') AS id`;

/** Creates or advances the sequence, which would repeat ids after a restore without the sequence or its value. */
async function continueIds(runner: QueryRunner): Promise<string[]> {
  const [{ filled = false, sequence = null } = {}] = (await runner.query(ID_SOURCE)) as Partial<IdSource>[];
  if (!filled) {
    await runner.query(`CREATE SEQUENCE IF NOT EXISTS ${sequence} AS integer`);
    await runner.query(`ALTER SEQUENCE ${sequence} OWNED BY users.id`);
    await runner.query(`ALTER TABLE users ALTER COLUMN id SET DEFAULT nextval('${sequence}')`);
  }
  await runner.query(
    `SELECT setval($1, latest)
       FROM (SELECT greatest(max(id), pg_sequence_last_value($1)) AS latest FROM users) AS ids
      WHERE $1 IS NOT NULL AND latest > 0`,
    [sequence],
  );
  return filled ? [] : ['added a sequence to id'];
}
