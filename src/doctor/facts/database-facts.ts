import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type pg from 'pg';
import { type DatabaseSettings, databaseSettings, sessionDatabase } from '../../platform/config/database-settings.js';
import { type ConnectionSupply, readSupply } from '../../platform/database/connection-budget.js';
import { DatabaseClient } from '../../platform/database/database-client.js';
import { connectionOptions } from '../../platform/database/pg-client.js';
import { isPooled, missingRoleParameters } from '../../platform/database/pooler.js';
import { describeDatabase, waitForDatabase } from '../../platform/database/wait-for-database.js';
import { createLogger } from '../../platform/logging/logger.js';
import type { Environment } from '../../settings/environment.js';
import { gatherSchema, type SchemaFacts } from './schema-facts.js';

/** The authentication that the server required. */
export type Authentication = 'none' | 'cleartext' | 'md5' | 'scram';

export interface ReachedDatabase {
  state: 'reached';
  settings: DatabaseSettings;
  endpoint: string;
  /** The address of the server. Undefined for a Unix socket. */
  address: string | undefined;
  authentication: Authentication;
  /** The TLS version, such as TLSv1.3. Undefined without encryption. */
  tls: string | undefined;
  /** The lead of the database's clock over that of this machine. */
  clockAheadMs: number;
  server: ServerFacts;
  /** Undefined behind a pooler, which has separate limits. */
  supply: ConnectionSupply | undefined;
  isPooled: boolean;
  /** With DATABASE_POOL_MODE=transaction, the SQL to set the role's missing parameters. */
  missingParameters: string | undefined;
  schema: SchemaFacts;
}

export type DatabaseFacts =
  | { state: 'unknown'; reason: string }
  | { state: 'embedded' }
  | { state: 'unreachable'; reason: string }
  | ReachedDatabase;

interface ServerFacts {
  /** The version, such as 16.4. */
  version: string;
  major: number;
  isSuperuser: boolean;
  /** Rights that the service never needs: CREATEDB, CREATEROLE, REPLICATION, BYPASSRLS and POWERFUL_ROLES. */
  spareRights: string[];
  ownsDatabase: boolean;
  /** `fsync` and `full_page_writes` are on, so committed data survives a crash of the machine. */
  survivesCrash: boolean;
  /** `synchronous_commit` is not off, so a commit is on the disk before the service answers. */
  keepsCommits: boolean;
  isReadOnly: boolean;
  /** The process id of the back end. */
  backendPid: number;
  /** Current connections of other applications. */
  otherConnections: number;
}

const TIMEOUT_SECONDS = 2;

/** Connects as the service does, and only reads. */
export async function gatherDatabase(
  environment: Environment,
  unreadable: ReadonlySet<string>,
): Promise<DatabaseFacts> {
  if (unreadable.has('DATABASE_URL')) return { state: 'unknown', reason: 'DATABASE_URL cannot be read' };
  try {
    const configured = databaseSettings(environment);
    if (!configured) return withoutDatabase(environment);
    const silent = createLogger({ level: 'silent', readable: false });
    const settled = await waitForDatabase(configured, TIMEOUT_SECONDS, silent);
    const isTransactional = settled.poolMode === 'transaction';
    return {
      ...(await examine(settled, environment)),
      supply: await readSupply(settled, silent),
      missingParameters: isTransactional ? await missingRoleParameters(settled, environment) : undefined,
      schema: await withClient(sessionDatabase(settled) ?? settled, environment, async (client) =>
        gatherSchema(client, environment),
      ),
    };
  } catch (error) {
    return { state: 'unreachable', reason: (error as Error).message };
  }
}

function withoutDatabase({ DEBUG, EMBEDDED_POSTGRES }: Environment): DatabaseFacts {
  const starts = DEBUG || EMBEDDED_POSTGRES;
  return starts ? { state: 'embedded' } : { state: 'unknown', reason: 'DATABASE_URL and PGHOST are not set' };
}

/** The undeclared connection of the driver's client. */
interface Wire {
  connection: EventEmitter & { stream: Socket };
}

type ConnectionFacts = Omit<ReachedDatabase, 'supply' | 'missingParameters' | 'schema'>;

async function examine(settings: DatabaseSettings, environment: Environment): Promise<ConnectionFacts> {
  let authentication: Authentication = 'none';
  const listen = ({ connection }: Wire): void => {
    connection.once('authenticationCleartextPassword', () => (authentication = 'cleartext'));
    connection.once('authenticationMD5Password', () => (authentication = 'md5'));
    connection.once('authenticationSASL', () => (authentication = 'scram'));
  };
  const look = async (client: pg.Client): Promise<ConnectionFacts> => {
    const { stream } = (client as unknown as Wire).connection;
    const server = await gatherServer(client);
    return {
      state: 'reached',
      settings,
      endpoint: describeDatabase(settings),
      address: stream.remoteAddress,
      authentication,
      tls: 'getProtocol' in stream ? String((stream.getProtocol as () => unknown)()) : undefined,
      clockAheadMs: await clockAheadMs(client),
      server,
      isPooled: isPooled(client, server.backendPid),
    };
  };
  return withClient(settings, environment, look, listen);
}

/** @param listen adds listeners before the client connects */
async function withClient<T>(
  settings: DatabaseSettings,
  environment: Environment,
  look: (client: pg.Client) => Promise<T>,
  listen: (wire: Wire) => void = () => undefined,
): Promise<T> {
  const client = new DatabaseClient({
    ...connectionOptions(settings),
    connectionTimeoutMillis: TIMEOUT_SECONDS * 1000,
    query_timeout: environment.DB_STATEMENT_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  listen(client as unknown as Wire);
  await client.connect();
  try {
    return await look(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function clockAheadMs(client: pg.Client): Promise<number> {
  const before = Date.now();
  const { rows } = await client.query<{ now: number }>('SELECT extract(epoch FROM clock_timestamp())::float8 AS now');
  const after = Date.now();
  return Math.round((rows[0]?.now ?? 0) * 1000 - (before + after) / 2);
}

/** Roles with access to files and programs of the database's machine, or to all rows. */
const POWERFUL_ROLES = [
  'pg_read_server_files',
  'pg_write_server_files',
  'pg_execute_server_program',
  'pg_read_all_data',
  'pg_write_all_data',
];

const SERVER = `
  SELECT current_setting('server_version') AS version,
         current_setting('server_version_num')::int / 10000 AS major,
         pg_backend_pid() AS "backendPid",
         rolsuper AS "isSuperuser",
         array_remove(ARRAY[
           CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
           CASE WHEN rolreplication THEN 'REPLICATION' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END
         ] || ARRAY(SELECT granted.rolname::text FROM pg_roles granted
                    WHERE granted.rolname = ANY($1) AND NOT mine.rolsuper
                      AND pg_has_role(mine.oid, granted.oid, 'MEMBER')), NULL) AS "spareRights",
         pg_has_role(datdba, 'USAGE') AS "ownsDatabase",
         current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on' AS "survivesCrash",
         current_setting('synchronous_commit') <> 'off' AS "keepsCommits",
         pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS "isReadOnly",
         (SELECT count(*)::int FROM pg_stat_activity
          WHERE datid IS NOT NULL AND application_name <> current_setting('application_name')
         ) AS "otherConnections"
  FROM pg_roles mine, pg_database
  WHERE mine.rolname = current_user AND datname = current_database()`;

async function gatherServer(client: pg.Client): Promise<ServerFacts> {
  const { rows } = await client.query<ServerFacts>(SERVER, [POWERFUL_ROLES]);
  const [server] = rows;
  if (!server) throw new Error('the server returned no row for the role');
  return server;
}
