import pg from 'pg';
import type { Environment } from '../config/environment.js';
import type { DatabaseSettings } from '../config/database-settings.js';
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
 * A connection that is closed when a statement has run into the client's own time limit. The driver would go on waiting
 * for the server's answer and hand the busy connection back to the pool (row B2).
 */
export class ExpendableClient extends pg.Client {
  // The driver declares a dozen overloads; this one passes all of them on.
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

/** Connection options of `pg`, without any time limit. */
export function connectionOptions(settings: DatabaseSettings): pg.ClientConfig {
  const { host, port, database, user, password } = settings;
  return {
    host,
    port,
    database,
    user,
    password,
    ssl: tlsOptions(settings),
    types,
    application_name: 'nest-auth-backend',
    // `Timestamp` reads ISO, whatever the database's own setting is.
    options: '-c DateStyle=ISO',
  };
}

/** A connection for a question or two, none of which may take longer; not connected yet. */
export function briefClient(settings: DatabaseSettings, timeoutMs: number): pg.Client {
  const limits = { connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs };
  const client = new pg.Client({ ...connectionOptions(settings), ...limits });
  // What is lost in the middle of a question is told by the question; a listener keeps it from ending the process.
  client.on('error', () => undefined);
  return client;
}

/** Options of the pool that serves requests: nothing may wait for ever (rows B2, B3). */
export function poolOptions(settings: DatabaseSettings, environment: Environment): pg.PoolConfig & { Client: unknown } {
  return {
    ...connectionOptions(settings),
    max: environment.DB_POOL_SIZE,
    connectionTimeoutMillis: environment.DB_CONNECT_TIMEOUT_MS,
    statement_timeout: environment.DB_STATEMENT_TIMEOUT_MS,
    // Fires only where the server cannot cancel by itself, because it is stopped or unreachable.
    query_timeout: environment.DB_STATEMENT_TIMEOUT_MS + 1000,
    idle_in_transaction_session_timeout: environment.DB_STATEMENT_TIMEOUT_MS * 2,
    keepAlive: true,
    Client: ExpendableClient,
  };
}

function tlsOptions({ sslMode, certificateAuthority: ca }: DatabaseSettings): pg.ClientConfig['ssl'] {
  switch (sslMode) {
    case 'disable':
      return false;
    case 'verify-full':
      return { ca, rejectUnauthorized: true };
    case 'verify-ca':
      // libpq's verify-ca checks the chain, not the name.
      return { ca, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    default:
      return { rejectUnauthorized: false };
  }
}
