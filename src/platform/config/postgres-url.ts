/** How much TLS to ask for, in libpq's words. */
export type SslMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** What a connection URL says; what it leaves out is undefined. */
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
}

const SCHEME = /^postgres(?:ql)?(?:\+\w+)?:\/\//;

const SSL_MODES: ReadonlySet<string> = new Set<SslMode>(['disable', 'prefer', 'require', 'verify-ca', 'verify-full']);

/**
 * Reads a connection URL as libpq does (PostgreSQL documentation, section 34.1.1.2), also with the driver that SQLAlchemy
 * puts in its scheme (`postgresql+asyncpg`) and with asyncpg's `ssl` for `sslmode`. Other parameters are ignored.
 *
 * @returns undefined for a text that is none, for a wrong escape and for an unknown TLS mode or port: a misspelt mode must not
 * mean less protection
 */
export function parsePostgresUrl(text: string): PostgresUrl | undefined {
  if (!SCHEME.test(text)) return undefined;
  // Node takes no URL with a user and without a host, which is how SQLAlchemy writes sockets: `user@/db?host=/tmp`.
  const withHost = text.replace(SCHEME, 'postgresql://').replace(/^([^:]+:\/\/[^/?#]*@)(?=[/?#]|$)/, '$1%00');
  try {
    const { hostname, port, pathname, username, password, searchParams } = new URL(withHost);
    const parameter = (name: string): string | undefined => searchParams.get(name) || undefined;
    const sslMode = parameter('sslmode') ?? parameter('ssl');
    if (sslMode !== undefined && !SSL_MODES.has(sslMode)) return undefined;
    const portText = parameter('port') ?? port;
    if (portText !== '' && !(Number(portText) >= 1 && Number(portText) <= 65_535)) return undefined;
    return {
      host: parameter('host') ?? decoded(hostname.replace(/^\[(.+)\]$|^%00$/, '$1')),
      port: portText === '' ? undefined : Number(portText),
      database: parameter('dbname') ?? decoded(pathname.slice(1)),
      user: parameter('user') ?? decoded(username),
      password: parameter('password') ?? decoded(password),
      sslMode: sslMode as SslMode | undefined,
      sslRootCertificate: parameter('sslrootcert'),
    };
  } catch {
    return undefined;
  }
}

function decoded(part: string): string | undefined {
  return part === '' ? undefined : decodeURIComponent(part);
}
