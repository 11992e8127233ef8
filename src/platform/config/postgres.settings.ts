import { IsIn, IsOptional, IsString, Matches, MinLength } from 'class-validator';
import { problemOfOptions, SSL_MODES, type SslMode } from './connection-parameters.js';
import { IsPostgresOptions, IsPostgresUrl } from './environment-validators.js';
import { explainPostgresUrl } from './postgres-url.js';
import { lowerCase } from './parsers.js';
import { BooleanVariable, IntegerVariable, Variable } from './variable.decorator.js';

/** Settings of the connection to PostgreSQL, and its limits. */
export class PostgresSettings {
  @Variable({
    group: 'Database',
    about: 'Connection URL of PostgreSQL, 14 to 18. Overrides the PG… settings below.',
    expected: 'postgresql://user:password@host:5432/database',
    explain: explainPostgresUrl,
    example: '',
    secret: true,
  })
  @IsOptional()
  @IsPostgresUrl()
  readonly DATABASE_URL?: string;

  @Variable({
    group: 'Database',
    about:
      'Mode of a connection pooler in front of PostgreSQL. In transaction mode, migrations and jobs need DATABASE_DIRECT_URL, and the time limits must be set on the role (docs/operations/postgresql.md). Without a pooler, use session.',
    expected: 'session or transaction',
    parse: lowerCase,
    default: 'session',
  })
  @IsIn(['session', 'transaction'])
  readonly DATABASE_POOL_MODE: 'session' | 'transaction';

  @Variable({
    group: 'Database',
    about: 'Connection URL of the same database that bypasses the pooler, for migrations and jobs.',
    expected: 'postgresql://user:password@host:5432/database',
    explain: explainPostgresUrl,
    example: '',
    secret: true,
  })
  @IsOptional()
  @IsPostgresUrl()
  readonly DATABASE_DIRECT_URL?: string;

  @Variable({
    group: 'Database',
    about:
      'Host of PostgreSQL, or the folder of its Unix socket. If neither this nor DATABASE_URL is set, the embedded PostgreSQL starts, but only with DEBUG or EMBEDDED_POSTGRES.',
    expected: 'one host name, address or folder',
    example: '',
  })
  @IsOptional()
  @Matches(/^[^,]+$/)
  readonly PGHOST?: string;

  @IntegerVariable({
    group: 'Database',
    about: 'Port of PostgreSQL. If it is not set, PGPORT is read.',
    alias: 'PGPORT',
    what: 'a port',
    from: 1,
    to: 65535,
    default: 5432,
  })
  readonly POSTGRES_PORT: number;

  @Variable({ group: 'Database', about: 'Name of the database.', expected: 'a name', default: 'fastapi_db' })
  @MinLength(1)
  readonly PGDATABASE: string;

  @Variable({ group: 'Database', about: 'Role that the service connects as.', expected: 'a name', default: 'postgres' })
  @MinLength(1)
  readonly PGUSER: string;

  @Variable({
    group: 'Database',
    about: 'Password of the role PGUSER.',
    expected: 'a string',
    example: '',
    secret: true,
  })
  @IsOptional()
  @IsString()
  readonly PGPASSWORD?: string;

  @Variable({
    group: 'Database',
    about:
      'TLS to PostgreSQL, as in libpq: prefer uses TLS if the server supports it, require always uses it, verify-full also verifies the certificate and the host name. With PGSSLROOTCERT=system the default is verify-full.',
    expected: SSL_MODES.join(', '),
    defaultText: 'prefer',
    example: '',
  })
  @IsOptional()
  @IsIn(SSL_MODES)
  readonly PGSSLMODE?: SslMode;

  @Variable({
    group: 'Database',
    about:
      'File with the certificate authority. If it is set, every mode with TLS verifies the certificate against it, as in libpq. verify-ca requires it. Without it, or with system, verify-full trusts the authorities of Node.js.',
    expected: 'the path of a PEM file, or system',
    example: '',
  })
  @IsOptional()
  @MinLength(1)
  readonly PGSSLROOTCERT?: string;

  @Variable({
    group: 'Database',
    about: 'File with the client certificate of the service. Requires PGSSLKEY.',
    expected: 'the path of a PEM file',
    example: '',
  })
  @IsOptional()
  @MinLength(1)
  readonly PGSSLCERT?: string;

  @Variable({
    group: 'Database',
    about: 'File with the private key of the client certificate.',
    expected: 'the path of a PEM file',
    example: '',
  })
  @IsOptional()
  @MinLength(1)
  readonly PGSSLKEY?: string;

  @Variable({
    group: 'Database',
    about:
      'Run-time parameters of PostgreSQL for every connection, such as search_path. The options parameter of a URL overrides it.',
    expected: '-c name=value, several separated by white space',
    explain: (text) => `it ${problemOfOptions(text)}`,
    example: '',
  })
  @IsOptional()
  @IsPostgresOptions()
  readonly PGOPTIONS?: string;

  @Variable({
    group: 'Database',
    about: 'The application_name of the connections. Connections for jobs and health checks append a word.',
    expected: 'a name',
    defaultText: 'nest-auth-backend',
    example: '',
  })
  @IsOptional()
  @MinLength(1)
  readonly PGAPPNAME?: string;

  @IntegerVariable({
    group: 'Database',
    about:
      'Timeout for a connection in seconds. Overrides DB_CONNECT_TIMEOUT_MS unless it is 0. The connect_timeout parameter of a URL overrides both.',
    what: 'seconds',
    from: 0,
    to: 60,
    default: 0,
  })
  readonly PGCONNECT_TIMEOUT: number;

  @BooleanVariable({
    group: 'Database',
    about: 'Start the embedded PostgreSQL even if DEBUG is False.',
    default: false,
  })
  readonly EMBEDDED_POSTGRES: boolean;

  @IntegerVariable({
    group: 'Database',
    about: 'Maximum number of connections in the pool of one process.',
    what: 'a number of connections',
    from: 1,
    to: 200,
    default: 10,
  })
  readonly DB_POOL_SIZE: number;

  @IntegerVariable({
    group: 'Database',
    about: 'Timeout in milliseconds for a free or a new connection. Then the request is answered 503.',
    what: 'milliseconds',
    from: 100,
    to: 60000,
    default: 2000,
  })
  readonly DB_CONNECT_TIMEOUT_MS: number;

  @IntegerVariable({
    group: 'Database',
    about: 'Timeout in milliseconds for one SQL statement. Then it is cancelled, and the request is answered 503.',
    what: 'milliseconds',
    from: 100,
    to: 600000,
    default: 5000,
  })
  readonly DB_STATEMENT_TIMEOUT_MS: number;

  @IntegerVariable({
    group: 'Database',
    about: 'Time in seconds that the service waits for the database when it starts; 0 waits forever.',
    what: 'seconds',
    from: 0,
    to: 86400,
    default: 60,
  })
  readonly DB_WAIT_SECONDS: number;
}
