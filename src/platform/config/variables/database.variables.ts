import { IsIn, IsOptional, IsString, IsTimeZone, Matches, MinLength } from 'class-validator';
import { IsPostgresUrl } from '../environment-validators.js';
import type { SslMode } from '../postgres-url.js';
import { BooleanVariable, IntegerVariable, Variable } from '../variable.decorator.js';

/** Where PostgreSQL is and how long it may take. */
export class DatabaseVariables {
  @Variable({
    group: 'Database',
    about: 'PostgreSQL to use, 14 to 18; wins over the PG… settings below.',
    expected: 'postgresql://user:password@host:5432/database',
    example: '',
    secret: true,
  })
  @IsOptional()
  @IsPostgresUrl()
  readonly DATABASE_URL?: string;

  @Variable({
    group: 'Database',
    about:
      'Host of PostgreSQL, or the folder of its Unix socket. Without it and DATABASE_URL the embedded one starts, where DEBUG or EMBEDDED_POSTGRES allows it.',
    expected: 'a host name, an address or a folder',
    example: '',
  })
  @IsOptional()
  @MinLength(1)
  readonly PGHOST?: string;

  @IntegerVariable({
    group: 'Database',
    about: 'Port of PostgreSQL.',
    what: 'a port',
    from: 1,
    to: 65535,
    default: 5432,
  })
  readonly POSTGRES_PORT: number;

  @Variable({ group: 'Database', about: 'Name of the database.', expected: 'a name', default: 'fastapi_db' })
  @MinLength(1)
  readonly PGDATABASE: string;

  @Variable({ group: 'Database', about: 'Role to connect as.', expected: 'a name', default: 'postgres' })
  @MinLength(1)
  readonly PGUSER: string;

  @Variable({
    group: 'Database',
    about: 'Password of that role.',
    expected: 'a text',
    example: '',
    secret: true,
  })
  @IsOptional()
  @IsString()
  readonly PGPASSWORD?: string;

  @Variable({
    group: 'Database',
    about:
      'TLS to PostgreSQL, as in libpq: prefer uses it where the server offers it; verify-full checks the certificate.',
    expected: 'disable, prefer, require, verify-ca or verify-full',
    default: 'prefer',
  })
  @IsIn(['disable', 'prefer', 'require', 'verify-ca', 'verify-full'])
  readonly PGSSLMODE: SslMode;

  @Variable({
    group: 'Database',
    about:
      'File with the certificate authority that verify-ca and verify-full check against; the system’s when absent.',
    expected: 'the path of a PEM file',
    example: '',
  })
  @IsOptional()
  @MinLength(1)
  readonly PGSSLROOTCERT?: string;

  @BooleanVariable({
    group: 'Database',
    about: 'Start the embedded PostgreSQL even when DEBUG is False.',
    default: false,
  })
  readonly EMBEDDED_POSTGRES: boolean;

  @IntegerVariable({
    group: 'Database',
    about: 'Connections that one process keeps at most.',
    what: 'a number',
    from: 1,
    to: 200,
    default: 10,
  })
  readonly DB_POOL_SIZE: number;

  @IntegerVariable({
    group: 'Database',
    about: 'Milliseconds to wait for a free or a new connection before a request is answered 503.',
    what: 'milliseconds',
    from: 100,
    to: 60000,
    default: 2000,
  })
  readonly DB_CONNECT_TIMEOUT_MS: number;

  @IntegerVariable({
    group: 'Database',
    about: 'Milliseconds that one statement may take before it is cancelled and the request answered 503.',
    what: 'milliseconds',
    from: 100,
    to: 600000,
    default: 5000,
  })
  readonly DB_STATEMENT_TIMEOUT_MS: number;

  @IntegerVariable({
    group: 'Database',
    about: 'Seconds that the start waits for the database to answer before it gives up; 0 waits for ever.',
    what: 'seconds',
    from: 0,
    to: 86400,
    default: 60,
  })
  readonly DB_WAIT_SECONDS: number;

  @Variable({
    group: 'Database',
    about:
      'Time zone in which the Python service wrote times without one; only for the adoption of its table. Needed where the time zone of the database is not UTC.',
    expected: 'a name such as UTC or Europe/Berlin',
    example: '',
  })
  @IsOptional()
  @IsTimeZone()
  // An offset would be accepted by some versions of Node.js, and means the opposite to PostgreSQL.
  @Matches(/^[A-Za-z]/)
  readonly ADOPT_TIMEZONE?: string;
}
