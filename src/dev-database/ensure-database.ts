import { Client, escapeIdentifier, type ClientConfig } from 'pg';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

const UNKNOWN_DATABASE = '3D000';
const WRONG_PASSWORD = '28P01';

/** Checks that the server accepts connections and the password, and creates the database if it is absent. */
export async function ensureDatabase(server: ClientConfig, database: string): Promise<void> {
  try {
    await query({ ...server, database }, 'SELECT 1');
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === WRONG_PASSWORD) throw wrongPassword(error);
    if (code !== UNKNOWN_DATABASE) throw error;
    await query({ ...server, database: 'postgres' }, `CREATE DATABASE ${escapeIdentifier(database)}`);
  }
}

async function query(config: ClientConfig, sql: string): Promise<void> {
  // The driver would read PGSSLMODE, which applies to an external PostgreSQL.
  const client = new Client({ ...config, ssl: false, connectionTimeoutMillis: 10_000, query_timeout: 30_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function wrongPassword(cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'The embedded PostgreSQL rejects the password in its folder: the file or the role was changed.\n' +
      'Restore the file "password", or set another DATA_DIR to start with an empty database.',
    { cause },
  );
}
