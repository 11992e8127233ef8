import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigurationError } from './configuration-error.js';
import type { SslMode } from './connection-parameters.js';
import type { PlatformSettings } from './platform-settings.js';
import { parsePostgresUrl, type PostgresUrl } from './postgres-url.js';
import { parseOptions, type RunTimeParameters } from './run-time-parameters.js';

/** Settings of a connection to PostgreSQL. */
export interface DatabaseSettings {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string | undefined;
  sslMode: SslMode;
  /** The certificate authority in PEM; undefined for the authorities of Node.js. */
  certificateAuthority: string | undefined;
  /** The client certificate and its key, in PEM. */
  clientCertificate?: ClientCertificate | undefined;
  /** Paths of the TLS files, for programs that read the files themselves. */
  tlsFiles?: TlsFiles;
  applicationName?: string | undefined;
  /** Overrides DB_CONNECT_TIMEOUT_MS. */
  connectTimeoutMs?: number | undefined;
  /** Whether idle connections are probed (the default), and after what idle time. */
  tcpKeepAlive?: { isOn: boolean; idleMs: number | undefined };
  /** Run-time parameters for every session. */
  parameters?: RunTimeParameters;
  /** Mode of a pooler in front of PostgreSQL; `session` (the default) without a pooler. */
  poolMode?: 'session' | 'transaction';
  /** A connection to the same database that bypasses the pooler. */
  direct?: DatabaseSettings | undefined;
}

interface ClientCertificate {
  cert: string;
  key: string;
  passphrase?: string | undefined;
}

interface TlsFiles {
  /** A path, `system`, or undefined for none. */
  authority: string | undefined;
  certificate: string | undefined;
  key: string | undefined;
}

/**
 * The settings of an external PostgreSQL; undefined if none is configured and the embedded one starts.
 *
 * @throws ConfigurationError for unreadable TLS files, and for files that contradict the TLS mode
 */
export function databaseSettings(environment: PlatformSettings): DatabaseSettings | undefined {
  const { DATABASE_URL, DATABASE_DIRECT_URL, DATABASE_POOL_MODE, PGHOST } = environment;
  const url = DATABASE_URL ? parsePostgresUrl(DATABASE_URL) : undefined;
  if (!url && !PGHOST) return undefined;
  const settings: DatabaseSettings = {
    ...settingsOf(url, environment, 'DATABASE_URL'),
    poolMode: DATABASE_POOL_MODE,
  };
  if (!DATABASE_DIRECT_URL) return settings;
  const direct = parsePostgresUrl(DATABASE_DIRECT_URL);
  // Migrations have to use the same schema as requests.
  const options = direct.options ?? url?.options;
  return { ...settings, direct: settingsOf({ ...direct, options }, environment, 'DATABASE_DIRECT_URL') };
}

/**
 * The connection that keeps its session, for locks, LISTEN and migrations; undefined if the only one is a pooler in
 * transaction mode.
 */
export function sessionDatabase(settings: DatabaseSettings): DatabaseSettings | undefined {
  return settings.direct ?? (settings.poolMode === 'transaction' ? undefined : settings);
}

function settingsOf(url: PostgresUrl | undefined, environment: PlatformSettings, source: string): DatabaseSettings {
  const host = (url ? url.host : environment.PGHOST) ?? 'localhost';
  const files: TlsFiles = {
    authority: url?.sslRootCertificate ?? environment.PGSSLROOTCERT,
    certificate: url?.sslCertificate ?? environment.PGSSLCERT,
    key: url?.sslKey ?? environment.PGSSLKEY,
  };
  const requestedMode =
    url?.sslMode ?? environment.PGSSLMODE ?? (files.authority === 'system' ? 'verify-full' : 'prefer');
  // As in libpq, a Unix socket does not use TLS.
  const sslMode = host.startsWith('/') ? 'disable' : requestedMode;
  refuseContradictions(sslMode, files, source);
  const connectTimeout = url?.connectTimeoutSeconds ?? environment.PGCONNECT_TIMEOUT;
  const { PGAPPNAME } = environment;
  const options = url?.options ?? environment.PGOPTIONS;
  return {
    host,
    port: url?.port ?? environment.POSTGRES_PORT,
    database: url?.database ?? environment.PGDATABASE,
    user: url?.user ?? environment.PGUSER,
    password: url?.password ?? environment.PGPASSWORD,
    sslMode,
    ...(sslMode === 'disable' ? { certificateAuthority: undefined } : readTlsFiles(files, url, source)),
    tlsFiles: files,
    applicationName: url?.applicationName ?? PGAPPNAME ?? url?.fallbackApplicationName,
    connectTimeoutMs: connectTimeout ? connectTimeout * 1000 : undefined,
    tcpKeepAlive: {
      isOn: url?.keepAlive ?? true,
      idleMs: url?.keepAliveIdleSeconds === undefined ? undefined : url.keepAliveIdleSeconds * 1000,
    },
    parameters: options === undefined ? {} : parseOptions(options),
  };
}

function refuseContradictions(sslMode: SslMode, { authority, certificate, key }: TlsFiles, source: string): void {
  const problem = problemOfAuthority(sslMode, authority) ?? problemOfPair(certificate, key);
  if (problem) throw new ConfigurationError(`${problem} (${source}, or the variables that begin with PGSSL).`);
}

/** As in libpq: anyone can get a certificate from a public authority, so the host name must be verified too. */
function problemOfAuthority(sslMode: SslMode, authority: string | undefined): string | undefined {
  if (sslMode === 'disable' || sslMode === 'verify-full') return undefined;
  if (authority === 'system') {
    return `sslrootcert=system requires sslmode=verify-full, but sslmode is ${sslMode}`;
  }
  if (sslMode === 'verify-ca' && !authority) {
    return 'sslmode=verify-ca requires sslrootcert, the file of the certificate authority; verify-full trusts public authorities without it';
  }
  return undefined;
}

function problemOfPair(certificate: string | undefined, key: string | undefined): string | undefined {
  if (Boolean(certificate) === Boolean(key)) return undefined;
  return certificate
    ? 'sslcert requires sslkey, the file of its private key'
    : 'sslkey requires sslcert, the file of its certificate';
}

function readTlsFiles(
  { authority, certificate, key }: TlsFiles,
  url: PostgresUrl | undefined,
  source: string,
): Pick<DatabaseSettings, 'certificateAuthority' | 'clientCertificate'> {
  const isFile = authority !== undefined && authority !== 'system';
  const certificateAuthority = isFile
    ? readPem('PGSSLROOTCERT', 'sslrootcert', authority, url?.sslRootCertificate, source)
    : undefined;
  if (!certificate || !key) return { certificateAuthority };
  const clientCertificate = {
    cert: readPem('PGSSLCERT', 'sslcert', certificate, url?.sslCertificate, source),
    key: readPem('PGSSLKEY', 'sslkey', key, url?.sslKey, source),
    passphrase: url?.sslPassphrase,
  };
  try {
    createSecureContext(clientCertificate);
  } catch (error) {
    throw new ConfigurationError(
      `The certificate and the key for PostgreSQL (sslcert, sslkey) cannot be used: ${(error as Error).message}; an encrypted key requires sslpassword.`,
    );
  }
  return { certificateAuthority, clientCertificate };
}

/** Reads a file. The error shows its path only if it comes from a variable, because a URL is secret. */
function readPem(variable: string, parameter: string, file: string, inUrl: string | undefined, source: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    throw new ConfigurationError(
      inUrl === undefined
        ? `${variable} names a file that cannot be read: ${message}`
        : `${parameter} in ${source} names a file that cannot be read: ${code}`,
    );
  }
}
