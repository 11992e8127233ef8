import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigurationError } from './configuration-error.js';
import type { SslMode } from './connection-parameters.js';
import type { PlatformSettings } from './platform-settings.js';
import { parsePostgresUrl, type PostgresUrl } from './postgres-url.js';
import { parseOptions, type RunTimeParameters } from './run-time-parameters.js';

/** The address of PostgreSQL and the options of connections to it. */
export interface DatabaseSettings {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string | undefined;
  sslMode: SslMode;
  /** The certificate authority in PEM, or undefined for the system's. */
  certificateAuthority: string | undefined;
  /** The client certificate and its key, in PEM. */
  clientCertificate?: ClientCertificate | undefined;
  /** The files of the certificates and the key, for programs that read them themselves. */
  tlsFiles?: TlsFiles;
  applicationName?: string | undefined;
  /** Connection timeout, if it overrides DB_CONNECT_TIMEOUT_MS. */
  connectTimeoutMs?: number | undefined;
  /** Whether idle connections are probed (by default they are), and after how long. */
  tcpKeepAlive?: { isOn: boolean; idleMs: number | undefined };
  /** Run-time parameters for every session. */
  parameters?: RunTimeParameters;
  /** The mode of a pooler in front of PostgreSQL; `session` by default and without a pooler. */
  poolMode?: 'session' | 'transaction';
  /** Connection to the same database that bypasses the pooler. */
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
 * The settings of an external PostgreSQL, or undefined if none is configured, so that the embedded one starts.
 *
 * @throws ConfigurationError for TLS files that cannot be read or do not fit the mode
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
 * A connection with lasting sessions, for locks, LISTEN and migrations. Undefined if there is only a pooler in
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
  const requested = url?.sslMode ?? environment.PGSSLMODE ?? (files.authority === 'system' ? 'verify-full' : 'prefer');
  // As in libpq, TLS is for TCP only.
  const sslMode = host.startsWith('/') ? 'disable' : requested;
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
  const problem = contradiction(sslMode, authority) ?? half(certificate, key);
  if (problem) throw new ConfigurationError(`${problem} (${source}, or the variables that begin with PGSSL).`);
}

/**
 * As in libpq: anyone can get a certificate of a public authority, so it proves nothing unless the name is verified.
 */
function contradiction(sslMode: SslMode, authority: string | undefined): string | undefined {
  if (sslMode === 'disable' || sslMode === 'verify-full') return undefined;
  if (authority === 'system') {
    return `sslrootcert=system requires sslmode=verify-full, and sslmode is ${sslMode}`;
  }
  if (sslMode === 'verify-ca' && !authority) {
    return 'sslmode=verify-ca needs sslrootcert, the file of the authority to trust; verify-full works without it for public authorities';
  }
  return undefined;
}

function half(certificate: string | undefined, key: string | undefined): string | undefined {
  if (Boolean(certificate) === Boolean(key)) return undefined;
  return certificate
    ? 'sslcert needs sslkey, the file of its key'
    : 'sslkey needs sslcert, the file of its certificate';
}

function readTlsFiles(
  { authority, certificate, key }: TlsFiles,
  url: PostgresUrl | undefined,
  source: string,
): Pick<DatabaseSettings, 'certificateAuthority' | 'clientCertificate'> {
  const isOwn = authority !== undefined && authority !== 'system';
  const certificateAuthority = isOwn
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
      `The certificate and the key for PostgreSQL (sslcert, sslkey) cannot be used: ${(error as Error).message}; an encrypted key needs sslpassword.`,
    );
  }
  return { certificateAuthority, clientCertificate };
}

/** Shows the path if a variable names it, but not if a URL does. */
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
