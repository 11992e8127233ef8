import pg from 'pg';
import type { Logger } from 'pino';
import {
  AbstractLogger,
  DataSource,
  type DataSourceOptions,
  type LogLevel,
  type LogMessage,
  QueryFailedError,
} from 'typeorm';
import { ConfigurationError } from '../config/configuration-error.js';
import { type DatabaseSettings, sessionDatabase } from '../config/database-settings.js';
import { DatabaseClient } from './database-client.js';
import { connectionOptions } from './pg-client.js';

/** Runs SQL and returns rows, such as a TypeORM query runner. */
export interface SqlRunner {
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

/** The tables and migrations of the features. */
export interface Schema {
  entities: DataSourceOptions['entities'];
  migrations: DataSourceOptions['migrations'];
  /**
   * Checks the database before migrations run, without changing it.
   *
   * @param executed the result of `executedMigrations`
   * @throws if the database cannot be used
   */
  inspect: (database: SqlRunner, executed: readonly string[] | undefined) => Promise<void>;
}

/** The names under which TypeORM records the migrations of a schema. */
export function migrationNames({ migrations }: Schema): string[] {
  return Object.values(migrations ?? []).flatMap((migration) =>
    typeof migration === 'function' ? migration.name : [],
  );
}

/** Any number, but the same for every process of this service: "auth" in ASCII. */
const ADVISORY_LOCK = 0x61757468;

/** Options of all TypeORM connections of the service. */
export const databaseDriverOptions = {
  // TypeORM would require the package by its name, and in the bundle that would be a second copy.
  driver: pg as unknown,
  synchronize: false,
  // TypeORM would create the extension uuid-ossp when it connects, and the role may lack the right to do so.
  installExtensions: false,
  migrationsTableName: 'schema_migrations',
  migrationsTransactionMode: 'each',
  logging: false,
} as const;

/**
 * A data source for migrations: without time limits, because migrations may take long, and past a pooler if possible.
 */
export function migrationDataSource(
  settings: DatabaseSettings,
  { entities, migrations }: Pick<Schema, 'entities' | 'migrations'>,
  logger: Logger,
): DataSource {
  return new DataSource({
    type: 'postgres',
    entities,
    migrations,
    ...databaseDriverOptions,
    logger: new MigrationLogger(logger),
    logging: ['info', 'warn'],
    extra: { ...connectionOptions(sessionDatabase(settings) ?? settings), max: 2 },
  });
}

/** Passes the messages of migrations (`runner.dataSource.logger`) to the service's log. */
class MigrationLogger extends AbstractLogger {
  constructor(private readonly target: Logger) {
    super(['info', 'warn']);
  }

  protected writeLog(level: LogLevel, messages: LogMessage | string | number | (LogMessage | string | number)[]): void {
    for (const { message } of this.prepareLogMessages(messages)) {
      this.target[level === 'warn' ? 'warn' : 'info'](String(message));
    }
  }
}

/**
 * Brings the schema up to date, one process at a time: TypeORM takes no lock itself, and if several processes started
 * at once, all but one would fail. The lock belongs to its connection, so a killed process releases it.
 *
 * Without a session that can hold the lock, it refuses if migrations are pending.
 *
 * @returns the names of the migrations that this process ran
 * @throws ConfigurationError if the role may not change the schema, or if no session is available
 */
export async function migrate(settings: DatabaseSettings, schema: Schema, logger: Logger): Promise<string[]> {
  if (!sessionDatabase(settings)) {
    await refusePending(settings, schema);
    return [];
  }
  return withMigrationLock(settings, logger, async () => {
    const dataSource = migrationDataSource(settings, schema, logger);
    await dataSource.initialize();
    try {
      const executed = await executedMigrations(dataSource);
      if (migrationNames(schema).some((name) => !executed?.includes(name))) await schema.inspect(dataSource, executed);
      const ran = await dataSource.runMigrations();
      return ran.map(({ name }) => name);
    } catch (error) {
      throw explainMissingRight(settings, error);
    } finally {
      await dataSource.destroy();
    }
  });
}

async function refusePending(settings: DatabaseSettings, schema: Schema): Promise<void> {
  const client = new DatabaseClient(connectionOptions(settings));
  client.on('error', () => undefined);
  await client.connect();
  try {
    const executed = await executedMigrations({ query: async (sql) => (await client.query(sql)).rows });
    const pending = migrationNames(schema).filter((name) => !executed?.includes(name));
    if (pending.length === 0) return;
    throw new ConfigurationError(
      `${pending.length} migrations are pending (${pending.join(', ')}), and DATABASE_POOL_MODE is transaction: set DATABASE_DIRECT_URL, ` +
        'or run `node dist/cli.js migration:run` with it once before the start.',
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * The names of the migrations that were executed, oldest first. Undefined if none of ours ever ran, even if another
 * tool has a table of the same name.
 */
export async function executedMigrations(database: SqlRunner): Promise<string[] | undefined> {
  const { migrationsTableName: table } = databaseDriverOptions;
  const [{ known } = { known: false }] = (await database.query(
    `SELECT count(*) = 3 AS known FROM pg_attribute
      WHERE attrelid = to_regclass('${table}') AND attname IN ('id', 'timestamp', 'name') AND NOT attisdropped`,
  )) as { known: boolean }[];
  if (!known) return undefined;
  const rows = (await database.query(`SELECT name FROM ${table} ORDER BY id`)) as { name: string }[];
  return rows.map(({ name }) => name);
}

/**
 * Explains SQLSTATE 42501. Only the owner of a database may create tables in its schema `public` (since PostgreSQL 15),
 * and schemas such as that of the job queue.
 */
function explainMissingRight({ user, database }: DatabaseSettings, error: unknown): unknown {
  const cause = error instanceof QueryFailedError ? error.driverError : error;
  if (!(error instanceof Error) || (cause as { code?: unknown }).code !== '42501') return error;
  return new ConfigurationError(
    `The role ${user} may not change the schema: ${error.message}. Start once as the owner of the database, or make the role ` +
      `the owner of the tables (ALTER TABLE … OWNER TO) and grant it the rights with GRANT CREATE ON SCHEMA public and GRANT CREATE ON DATABASE ${database}.`,
  );
}

/**
 * Runs `work` while no other process of the service changes the schema.
 *
 * @throws ConfigurationError if no connection can keep a lock, behind a pooler in transaction mode
 */
export async function withMigrationLock<T>(
  settings: DatabaseSettings,
  logger: Logger,
  work: () => Promise<T>,
): Promise<T> {
  const session = sessionDatabase(settings);
  if (!session) {
    throw new ConfigurationError(
      'The lock for schema changes needs a session of PostgreSQL, and DATABASE_POOL_MODE is transaction: set DATABASE_DIRECT_URL.',
    );
  }
  const lock = new DatabaseClient(connectionOptions(session));
  lock.on('error', (error) => logger.error({ err: error }, 'the connection that holds the migration lock failed'));
  await lock.connect();
  try {
    const { rows } = await lock.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [ADVISORY_LOCK]);
    if (!rows[0]?.taken) {
      logger.info('waiting for another process to finish the database migrations');
      await lock.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    }
    return await work();
  } finally {
    await lock.end().catch(() => undefined);
  }
}
