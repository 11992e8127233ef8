import { readFileSync } from 'node:fs';
import { parse } from 'pg-connection-string';
import { ConfigurationError } from './configuration-error.js';
import type { Environment, SslMode } from './environment.js';

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

/** The settings of an outside PostgreSQL, or undefined when none is configured and the embedded one is to start. */
export function databaseSettings(environment: Environment): DatabaseSettings | undefined {
  const certificateAuthority = readCertificateAuthority(environment);
  if (environment.DATABASE_URL) {
    return { ...fromUrl(environment.DATABASE_URL, environment), certificateAuthority };
  }
  if (!environment.PGHOST) return undefined;
  return {
    host: environment.PGHOST,
    port: environment.POSTGRES_PORT,
    database: environment.PGDATABASE,
    user: environment.PGUSER,
    password: environment.PGPASSWORD,
    sslMode: environment.PGSSLMODE,
    certificateAuthority,
  };
}

function readCertificateAuthority({ PGSSLROOTCERT: file }: Environment): string | undefined {
  try {
    return file ? readFileSync(file, 'utf8') : undefined;
  } catch (error) {
    throw new ConfigurationError(`PGSSLROOTCERT names a file that cannot be read: ${(error as Error).message}`);
  }
}

const SSL_MODES: readonly string[] = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'];

function fromUrl(text: string, environment: Environment): Omit<DatabaseSettings, 'certificateAuthority'> {
  const url = new URL(text.replace(/^postgres(ql)?(\+\w+)?:/, 'postgresql:'));
  const asked = url.searchParams.get('sslmode') ?? '';
  // The library would turn sslmode into its own idea of TLS; here PGSSLMODE and the URL mean the same.
  url.searchParams.delete('sslmode');
  const { host, port, database, user, password } = parse(url.toString());
  return {
    host: host || 'localhost',
    port: Number(port || environment.POSTGRES_PORT),
    database: database || environment.PGDATABASE,
    user: user || environment.PGUSER,
    password: password ?? environment.PGPASSWORD,
    sslMode: SSL_MODES.includes(asked) ? (asked as SslMode) : environment.PGSSLMODE,
  };
}
