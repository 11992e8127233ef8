import {
  adviceAgainst,
  HONOURED,
  type HonouredParameter,
  isLibpqParameter,
  isPort,
  problemOfValue,
  type SslMode,
  sslModeOf,
} from './connection-parameters.js';

/** A string is not a supported connection URL. The message names the invalid part and shows nothing of the URL. */
export class PostgresUrlError extends Error {
  override readonly name = 'PostgresUrlError';
}

/** The parts of a connection URL. A missing part is undefined. */
export interface PostgresUrl {
  /** A name, an address without brackets or the folder of a Unix socket. */
  host: string | undefined;
  port: number | undefined;
  database: string | undefined;
  user: string | undefined;
  password: string | undefined;
  sslMode: SslMode | undefined;
  /** File of the certificate authority. */
  sslRootCertificate: string | undefined;
  /** Files of the client's certificate and its key, and the passphrase of the key. */
  sslCertificate: string | undefined;
  sslKey: string | undefined;
  sslPassphrase: string | undefined;
  /** Run-time parameters, as `parseOptions` reads them. */
  options: string | undefined;
  applicationName: string | undefined;
  fallbackApplicationName: string | undefined;
  connectTimeoutSeconds: number | undefined;
  keepAlive: boolean | undefined;
  keepAliveIdleSeconds: number | undefined;
}

const SCHEME = /^postgres(?:ql)?(?:\+\w+)?:\/\//;
const UNKNOWN_NAME = /^[A-Za-z][\w.-]{0,40}$/;

/**
 * Parses a connection URL as libpq does (PostgreSQL documentation, section 34.1.1.2). It also accepts a driver in the
 * scheme, as SQLAlchemy writes it (`postgresql+asyncpg`), and asyncpg's `ssl` for `sslmode`. It is stricter than libpq:
 * a character that could end a password must be escaped, because a wrong guess would send half of the password to DNS
 * as a host name.
 *
 * @throws PostgresUrlError for an ambiguous URL, and for unsupported parameters
 */
export function parsePostgresUrl(text: string): PostgresUrl {
  const scheme = SCHEME.exec(text);
  if (!scheme) throw new PostgresUrlError('it does not begin with postgresql://');
  const { credentials, location, query } = split(text.slice(scheme[0].length));
  const [user, password] = cut(credentials, ':');
  const [authority, database] = cut(location, '/');
  const { host, port } = hostAndPort(authority, credentials === '');
  const parameters = readParameters(query);
  const given = (name: HonouredParameter): string | undefined => parameters.get(name) || undefined;
  const seconds = (name: HonouredParameter): number | undefined => Number(given(name)) || undefined;
  const portText = given('port') ?? port;
  const keepAlive = given('keepalives');
  return {
    host: given('host') ?? host,
    port: portText === undefined ? undefined : Number(portText),
    database: given('dbname') ?? decoded(database, 'database'),
    user: given('user') ?? decoded(user, 'user name'),
    password: given('password') ?? decoded(password, 'password'),
    sslMode: sslModeOf('sslmode', given('sslmode') ?? '') ?? sslModeOf('ssl', given('ssl') ?? ''),
    sslRootCertificate: given('sslrootcert'),
    sslCertificate: given('sslcert'),
    sslKey: given('sslkey'),
    sslPassphrase: given('sslpassword'),
    options: given('options'),
    applicationName: given('application_name'),
    fallbackApplicationName: given('fallback_application_name'),
    connectTimeoutSeconds: seconds('connect_timeout'),
    keepAlive: keepAlive === undefined ? undefined : keepAlive === '1',
    keepAliveIdleSeconds: seconds('keepalives_idle'),
  };
}

/** The reason why a string is not a supported connection URL, without any part of it; undefined if it is one. */
export function problemOfPostgresUrl(text: string): string | undefined {
  try {
    parsePostgresUrl(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** As `problemOfPostgresUrl`, but only for a string that begins like a connection URL. */
export function explainPostgresUrl(text: string): string | undefined {
  return SCHEME.test(text) ? problemOfPostgresUrl(text) : undefined;
}

/** @throws PostgresUrlError if a part contains a character that separates parts */
function split(rest: string): { credentials: string; location: string; query: string } {
  const [head, query] = cut(rest, '?');
  // If the only @ comes after the first question mark, that question mark belongs to a password.
  const isInPassword = !head.includes('@') && query.includes('@') && !isLibpqParameter(cut(query, '=')[0]);
  if (isInPassword) throw unescaped('?', partOfCredentials(rest.slice(0, rest.lastIndexOf('@')), head.length));
  const at = head.lastIndexOf('@');
  const credentials = head.slice(0, Math.max(at, 0));
  const separator = /[@/#]/.exec(credentials);
  if (separator) throw unescaped(separator[0], partOfCredentials(credentials, separator.index));
  const location = head.slice(at + 1);
  const hash = location.indexOf('#');
  if (hash >= 0) throw unescaped('#', location.slice(0, hash).includes('/') ? 'database' : 'host');
  const inQuery = /[@#]/.exec(query);
  if (inQuery) throw unescaped(inQuery[0], 'query');
  return { credentials, location, query };
}

function partOfCredentials(credentials: string, index: number): string {
  const colon = credentials.indexOf(':');
  return colon >= 0 && colon < index ? 'password' : 'user name';
}

function hostAndPort(
  authority: string,
  isAnonymous: boolean,
): { host?: string | undefined; port?: string | undefined } {
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::([^]*))?$/.exec(authority) ?? [];
  if (authority.includes(',')) throw new PostgresUrlError(`its host ${problemOfValue('host', ',')}`);
  if (port?.includes(':')) {
    throw new PostgresUrlError('its host contains more than one colon: an IPv6 address must be in brackets');
  }
  if (port && !isPort(port)) {
    const hint = isAnonymous ? '; a user name and a password must be followed by @' : '';
    throw new PostgresUrlError(`its port is not a number from 1 to 65535${hint}`);
  }
  return { host: decoded(host.replace(/^\[(.+)\]$/, '$1'), 'host'), port: port || undefined };
}

function readParameters(query: string): Map<HonouredParameter, string> {
  const parameters = new Map<HonouredParameter, string>();
  for (const [index, pair] of (query === '' ? [] : query.split('&')).entries()) {
    const [name, raw] = cut(pair, '=');
    const isKnown = isLibpqParameter(name);
    // An unknown name may be the rest of a password with an unescaped ampersand.
    const isSafe = isKnown || (UNKNOWN_NAME.test(name) && !/(^|&)(ssl)?password=/.test(query));
    const part = isSafe ? `parameter ${name}` : `parameter number ${index + 1}`;
    const value = decoded(raw.replaceAll('+', ' '), part) ?? '';
    const advice = adviceAgainst(name, value);
    if (advice !== undefined) throw new PostgresUrlError(`its ${part} is not supported: ${advice}`);
    const honoured = HONOURED.find((each) => each === name);
    const problem = honoured && value !== '' ? problemOfValue(honoured, value) : undefined;
    if (problem !== undefined) throw new PostgresUrlError(`its ${part} ${problem}`);
    if (honoured) parameters.set(honoured, value);
  }
  return parameters;
}

/** The text before and after the first separator; without a separator, all of it and an empty string. */
function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text: string, part: string): string | undefined {
  if (text === '') return undefined;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw unescaped('%', part);
  try {
    const value = decodeURIComponent(text);
    if (!value.includes('\0')) return value;
  } catch {
    throw new PostgresUrlError(`its ${part} contains an escape that is not UTF-8; write a literal % as %25`);
  }
  throw new PostgresUrlError(`its ${part} contains the character NUL`);
}

function unescaped(character: string, part: string): PostgresUrlError {
  const escape = `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return new PostgresUrlError(`its ${part} contains an unescaped ${character}: write ${escape} instead`);
}
