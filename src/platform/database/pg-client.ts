import pg from 'pg';
import type { DatabaseSettings } from '../config/database-settings.js';
import type { PlatformSettings } from '../config/platform-settings.js';
import type { RunTimeParameters } from '../config/run-time-parameters.js';
import { DatabaseClient, type DatabaseClientOptions } from './database-client.js';
import { Timestamp } from './timestamp.js';

const TIMESTAMPTZ_OID = 1184;

/** Reads `timestamptz` as `Timestamp`, everything else as the driver does. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === TIMESTAMPTZ_OID && format !== 'binary'
      ? (text: string) => Timestamp.fromPostgres(text)
      : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/**
 * A connection that closes itself when a statement exceeds the client's own time limit. The driver would continue to
 * wait for the server and return the busy connection to the pool.
 */
export class DisposableClient extends DatabaseClient {
  // Stands for all of the driver's overloads.
  override query(...parameters: unknown[]): never {
    const result: unknown = (super.query as (...all: unknown[]) => unknown).apply(this, parameters);
    if (!(result instanceof Promise)) return result as never;
    return result.catch((error: unknown) => {
      if (error instanceof Error && error.message === 'Query read timeout') {
        this.end().catch(() => undefined);
      }
      throw error;
    }) as never;
  }
}

/** Options of a connection or a pool with a client class that sets up the session. */
export interface ConnectionOptions extends DatabaseClientOptions {
  Client: typeof DatabaseClient;
}

/** Time limits that the server enforces, in milliseconds; 0 for none. */
export interface TimeLimits {
  statement_timeout: number;
  idle_in_transaction_session_timeout: number;
}

const NO_LIMITS: TimeLimits = { statement_timeout: 0, idle_in_transaction_session_timeout: 0 };

/** Connection options, by default without any time limit, which overrides limits of the role. */
export function connectionOptions(settings: DatabaseSettings, limits: TimeLimits = NO_LIMITS): ConnectionOptions {
  const { host, port, database, user, password, applicationName, connectTimeoutMs, tcpKeepAlive } = settings;
  return {
    host,
    port,
    database,
    user,
    password,
    ssl: tlsOptions(settings),
    // The driver would read PGSSLNEGOTIATION.
    sslnegotiation: 'postgres',
    types,
    application_name: applicationName ?? 'nest-auth-backend',
    ...(connectTimeoutMs === undefined ? {} : { connectionTimeoutMillis: connectTimeoutMs }),
    keepAlive: tcpKeepAlive?.isOn ?? true,
    ...(tcpKeepAlive?.idleMs === undefined ? {} : { keepAliveInitialDelayMillis: tcpKeepAlive.idleMs }),
    // Behind a pooler in transaction mode, other clients would get the parameters that one client sets.
    session: settings.poolMode === 'transaction' ? {} : sessionParameters(settings, limits),
    Client: DatabaseClient,
  };
}

/** The run-time parameters that a session needs. */
export function sessionParameters({ parameters }: DatabaseSettings, limits: TimeLimits): RunTimeParameters {
  const { statement_timeout, idle_in_transaction_session_timeout } = limits;
  return {
    ...parameters,
    statement_timeout: String(statement_timeout),
    idle_in_transaction_session_timeout: String(idle_in_transaction_session_timeout),
  };
}

/** The same options, with a purpose appended to `application_name`. */
export function withApplicationName<Options extends pg.ClientConfig>(options: Options, purpose: string): Options {
  return { ...options, application_name: `${options.application_name} ${purpose}` };
}

/** A client for a few queries, each with the time limit `timeoutMs`. It is not connected yet. */
export function shortLivedClient(settings: DatabaseSettings, timeoutMs: number): DatabaseClient {
  const limits = { connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs };
  const client = new DatabaseClient({ ...connectionOptions(settings), ...limits });
  // A query reports a lost connection itself; without a listener, the error would end the process.
  client.on('error', () => undefined);
  return client;
}

/** The limits of the connections that serve requests. */
export function requestTimeLimits({
  DB_STATEMENT_TIMEOUT_MS,
}: Pick<PlatformSettings, 'DB_STATEMENT_TIMEOUT_MS'>): TimeLimits {
  return {
    statement_timeout: DB_STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: DB_STATEMENT_TIMEOUT_MS * 2,
  };
}

/** Options of the pool that serves requests. Every wait has a time limit. */
export function poolOptions(
  settings: DatabaseSettings,
  environment: PlatformSettings,
): ConnectionOptions & { max: number } {
  return {
    connectionTimeoutMillis: environment.DB_CONNECT_TIMEOUT_MS,
    ...connectionOptions(settings, requestTimeLimits(environment)),
    max: environment.DB_POOL_SIZE,
    // Takes effect only if the server cannot cancel the statement, because it is stopped or unreachable.
    query_timeout: environment.DB_STATEMENT_TIMEOUT_MS + 1000,
    Client: DisposableClient,
  };
}

/** TLS as in libpq: an authority is used in every mode if one is set; only verify-full checks the host name. */
function tlsOptions(settings: DatabaseSettings): pg.ClientConfig['ssl'] {
  const { sslMode, certificateAuthority: ca, clientCertificate } = settings;
  if (sslMode === 'disable') return false;
  if (sslMode === 'verify-full') return { ca, ...clientCertificate, rejectUnauthorized: true };
  if (sslMode !== 'verify-ca' && ca === undefined) return { ...clientCertificate, rejectUnauthorized: false };
  return { ca, ...clientCertificate, rejectUnauthorized: true, checkServerIdentity: () => undefined };
}
