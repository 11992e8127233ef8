import { readFileSync } from 'node:fs';
import { ConfigurationError } from './configuration-error.js';
import type { Environment } from './environment.js';
import { parsePostgresUrl, type SslMode } from './postgres-url.js';

/** Where PostgreSQL is and how to speak to it; what `pg` takes as connection options. */
export interface DatabaseSettings {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string | undefined;
  sslMode: SslMode;
  /** The certificate authority in PEM, or undefined for the system's. */
  certificateAuthority: string | undefined;
}

/**
 * The settings of an outside PostgreSQL, or undefined when none is configured and the embedded one is to start.
 *
 * @throws ConfigurationError for a certificate authority that cannot be read
 */
export function databaseSettings(environment: Environment): DatabaseSettings | undefined {
  const url = environment.DATABASE_URL ? parsePostgresUrl(environment.DATABASE_URL) : undefined;
  if (!url && !environment.PGHOST) return undefined;
  return {
    host: (url ? url.host : environment.PGHOST) ?? 'localhost',
    port: url?.port ?? environment.POSTGRES_PORT,
    database: url?.database ?? environment.PGDATABASE,
    user: url?.user ?? environment.PGUSER,
    password: url?.password ?? environment.PGPASSWORD,
    sslMode: url?.sslMode ?? environment.PGSSLMODE,
    certificateAuthority: readCertificateAuthority(url?.sslRootCertificate ?? environment.PGSSLROOTCERT),
  };
}

/** @param file PEM; libpq's `system`, like none, stands for the authorities that the system trusts */
function readCertificateAuthority(file: string | undefined): string | undefined {
  if (!file || file === 'system') return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigurationError(
      `PGSSLROOTCERT, or sslrootcert in DATABASE_URL, names a file that cannot be read: ${(error as Error).message}`,
    );
  }
}
