import { parseOptions } from './run-time-parameters.js';

/** The values of libpq's `sslmode`. */
export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

export const SSL_MODES: readonly SslMode[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** Parameters of a connection URL that the service supports. */
export const HONOURED = [
  'host',
  'port',
  'dbname',
  'user',
  'password',
  'sslmode',
  'ssl',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'options',
  'application_name',
  'fallback_application_name',
  'connect_timeout',
  'keepalives',
  'keepalives_idle',
] as const;

export type HonouredParameter = (typeof HONOURED)[number];

/** A parameter of libpq that the service does not support. */
interface Unsupported {
  /** The environment variable that means the same. */
  variable?: string;
  /** Values that match what the service does anyway. */
  accepted: readonly string[];
  /** What to do instead. */
  advice: string;
}

const NO_GSS = 'the service does not support GSSAPI';
const ONE_SERVER = 'the service connects to one server: name the primary, or an address that follows it';
const NO_LISTS = 'the service does not read revocation lists';

/** PostgreSQL documentation, sections 34.1.2 and 34.15. */
const UNSUPPORTED: Readonly<Record<string, Unsupported>> = {
  hostaddr: { variable: 'PGHOSTADDR', accepted: [], advice: 'write the address as the host' },
  passfile: { accepted: [], advice: 'set PGPASSWORD, or PGPASSFILE in the environment of the process' },
  service: { variable: 'PGSERVICE', accepted: [], advice: 'set the values of the service file here' },
  servicefile: { variable: 'PGSERVICEFILE', accepted: [], advice: 'set the values of the service file here' },
  target_session_attrs: { variable: 'PGTARGETSESSIONATTRS', accepted: ['any'], advice: ONE_SERVER },
  load_balance_hosts: { variable: 'PGLOADBALANCEHOSTS', accepted: ['disable'], advice: ONE_SERVER },
  channel_binding: {
    variable: 'PGCHANNELBINDING',
    accepted: ['disable', 'prefer'],
    advice: 'the service cannot require it: sslmode=verify-full protects against the same attack',
  },
  require_auth: { variable: 'PGREQUIREAUTH', accepted: [], advice: 'the service cannot require a method' },
  requirepeer: {
    variable: 'PGREQUIREPEER',
    accepted: [],
    advice: 'the service does not check the owner of a socket',
  },
  requiressl: { variable: 'PGREQUIRESSL', accepted: ['0'], advice: 'write sslmode=require' },
  sslnegotiation: { variable: 'PGSSLNEGOTIATION', accepted: ['postgres'], advice: 'only postgres is supported' },
  sslcompression: { variable: 'PGSSLCOMPRESSION', accepted: ['0'], advice: 'TLS is never compressed' },
  sslcertmode: { variable: 'PGSSLCERTMODE', accepted: ['allow'], advice: 'a certificate is sent if one is set' },
  sslcrl: { variable: 'PGSSLCRL', accepted: [], advice: NO_LISTS },
  sslcrldir: { variable: 'PGSSLCRLDIR', accepted: [], advice: NO_LISTS },
  sslsni: { variable: 'PGSSLSNI', accepted: ['1'], advice: 'the name of the host is always sent' },
  sslkeylogfile: { accepted: [], advice: 'the service writes no keys' },
  ssl_min_protocol_version: {
    variable: 'PGSSLMINPROTOCOLVERSION',
    accepted: ['TLSv1.2'],
    advice: 'Node.js decides: at least TLSv1.2, or TLSv1.3 with --tls-min-v1.3 in NODE_OPTIONS',
  },
  ssl_max_protocol_version: {
    variable: 'PGSSLMAXPROTOCOLVERSION',
    accepted: ['TLSv1.3'],
    advice:
      'Node.js decides: the newest that both sides support, or at most TLSv1.2 with --tls-max-v1.2 in NODE_OPTIONS',
  },
  min_protocol_version: { variable: 'PGMINPROTOCOLVERSION', accepted: ['3.0'], advice: 'the service uses 3.0' },
  max_protocol_version: {
    variable: 'PGMAXPROTOCOLVERSION',
    accepted: ['3.0', '3.2', 'latest'],
    advice: 'the service uses 3.0',
  },
  gssencmode: { variable: 'PGGSSENCMODE', accepted: ['disable', 'prefer'], advice: NO_GSS },
  krbsrvname: { variable: 'PGKRBSRVNAME', accepted: [], advice: NO_GSS },
  gsslib: { variable: 'PGGSSLIB', accepted: [], advice: NO_GSS },
  gssdelegation: { variable: 'PGGSSDELEGATION', accepted: ['0'], advice: NO_GSS },
  client_encoding: {
    variable: 'PGCLIENTENCODING',
    accepted: ['UTF8', 'utf8', 'UTF-8', 'utf-8'],
    advice: 'the service needs UTF8',
  },
  keepalives_interval: {
    accepted: [],
    advice: 'Node.js cannot set it: use sysctl net.ipv4.tcp_keepalive_intvl',
  },
  keepalives_count: { accepted: [], advice: 'Node.js cannot set it: use sysctl net.ipv4.tcp_keepalive_probes' },
  tcp_user_timeout: {
    accepted: ['0'],
    advice: 'Node.js cannot set it: DB_STATEMENT_TIMEOUT_MS ends statements that hang',
  },
  replication: { accepted: ['false', 'off', 'no', '0'], advice: 'the service runs statements only' },
  scram_client_key: { accepted: [], advice: 'set the password' },
  scram_server_key: { accepted: [], advice: 'set the password' },
  oauth_issuer: { accepted: [], advice: 'set a password' },
  oauth_client_id: { accepted: [], advice: 'set a password' },
  oauth_client_secret: { accepted: [], advice: 'set a password' },
  oauth_scope: { accepted: [], advice: 'set a password' },
  // Session parameters, which exist as variables only.
  datestyle: { variable: 'PGDATESTYLE', accepted: [], advice: 'the service needs ISO' },
  timezone: { variable: 'PGTZ', accepted: [], advice: 'write PGOPTIONS=-cTimeZone=…' },
  geqo: { variable: 'PGGEQO', accepted: [], advice: 'write PGOPTIONS=-cgeqo=…' },
};

/** Parameters that other drivers and tools put into a URL, and what to write instead. */
const FOREIGN: readonly (readonly [names: RegExp, advice: string])[] = [
  [/^(schema|currentschema|search_path)$/i, 'write options=-csearch_path%3D…'],
  [/^(pgbouncer|prepare(d_)?threshold|(prepared_)?statement_cache_size.*)$/i, 'set DATABASE_POOL_MODE=transaction'],
  [/^(connection_limit|pool_size|max|max_connections|pool_max_conns)$/i, 'set DB_POOL_SIZE'],
  [/^(pool_timeout|timeout|connecttimeout)$/i, 'set DB_CONNECT_TIMEOUT_MS'],
  [/^(statement_timeout|command_timeout|query_timeout|sockettimeout|socket_timeout)$/i, 'set DB_STATEMENT_TIMEOUT_MS'],
];

/** Whether libpq has a parameter of this name. */
export function isLibpqParameter(name: string): boolean {
  return (HONOURED as readonly string[]).includes(name) || Object.hasOwn(UNSUPPORTED, name);
}

/** @returns what to do instead of an unsupported parameter; undefined if its value changes nothing */
export function adviceAgainst(name: string, value: string): string | undefined {
  if ((HONOURED as readonly string[]).includes(name) || value === '') return undefined;
  // A parameter of node-postgres that gives sslmode libpq's meaning, which it has here anyway.
  if (name === 'uselibpqcompat') return value === 'true' ? undefined : 'sslmode has the meaning of libpq here';
  const unsupported = Object.hasOwn(UNSUPPORTED, name) ? UNSUPPORTED[name] : undefined;
  if (unsupported) return unsupported.accepted.includes(value) ? undefined : unsupported.advice;
  return FOREIGN.find(([names]) => names.test(name))?.[1] ?? 'it is unknown: remove it';
}

/** A problem for each environment variable of libpq that the service does not support. */
export function unsupportedVariables(read: (variable: string) => string | undefined): string[] {
  return Object.values(UNSUPPORTED).flatMap(({ variable, accepted, advice }) => {
    const value = variable === undefined ? undefined : read(variable);
    return !value || accepted.includes(value) ? [] : [`${variable} is not supported: ${advice}`];
  });
}

/** The names of libpq's unsupported environment variables. */
export const UNSUPPORTED_VARIABLES: ReadonlySet<string> = new Set(
  Object.values(UNSUPPORTED).flatMap(({ variable }) => variable ?? []),
);

const NUMBER = /^\d{1,9}$/;

/** The problem of a supported parameter's value, without the value; undefined for a valid one. */
export function problemOfValue(name: HonouredParameter, value: string): string | undefined {
  switch (name) {
    case 'port':
      return isPort(value) ? undefined : 'is not a number from 1 to 65535';
    case 'sslmode':
    case 'ssl':
      return sslModeOf(name, value) ? undefined : `is not one of ${SSL_MODES.join(', ')}`;
    case 'host':
      return value.includes(',') ? `names several hosts: ${ONE_SERVER}` : undefined;
    case 'connect_timeout':
    case 'keepalives_idle':
      return NUMBER.test(value) ? undefined : 'is not a number of seconds';
    case 'keepalives':
      return value === '0' || value === '1' ? undefined : 'is not 0 or 1';
    case 'options':
      return problemOfOptions(value);
    default:
      return undefined;
  }
}

/** The problem of a string of run-time parameters, without the string; undefined for a valid one. */
export function problemOfOptions(value: string): string | undefined {
  try {
    parseOptions(value);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

export function isPort(text: string): boolean {
  return NUMBER.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** Reads `sslmode` and asyncpg's name for it, `ssl`. As in libpq, JDBC's `ssl=true` means `sslmode=require`. */
export function sslModeOf(name: 'sslmode' | 'ssl', value: string): SslMode | undefined {
  if (name === 'ssl' && value === 'true') return 'require';
  return SSL_MODES.find((mode) => mode === value);
}
