import { IsIn, IsOptional, IsString, Matches, MinLength } from 'class-validator';
import { EachIsOrigin, IsPostgresUrl } from './environment-validators.js';
import type { SslMode } from './postgres-url.js';
import { EXAMPLE_SECRET_KEY, type JwtAlgorithm } from './signing-key.js';
import { lowerCase, parseStringList } from './parsers.js';
import { BooleanVariable, IntegerVariable, Variable } from './variable.decorator.js';

/**
 * Every setting of the service, and the only description of it: the loader, `.env.example`, `docs/configuration.md`
 * and the error messages are made from these declarations. The names are those of the documented FastAPI service
 * where it had one.
 */
export class Environment {
  @Variable({
    group: 'Service',
    about: 'Name of the service: the title of /docs, /redoc and the OpenAPI document.',
    expected: 'a text of 1 to 100 characters',
    default: 'FastAPI Backend',
  })
  @Matches(/^.{1,100}$/su)
  readonly APP_NAME: string;

  @Variable({
    group: 'Service',
    about: 'Address to listen on; 127.0.0.1 behind a proxy on the same machine.',
    expected: 'an IP address or a host name',
    default: '0.0.0.0',
  })
  @Matches(/^[A-Za-z0-9.:_-]+$/)
  readonly APP_HOST: string;

  @IntegerVariable({
    group: 'Service',
    about: 'TCP port to listen on; 0 takes a free one.',
    what: 'a port',
    from: 0,
    to: 65535,
    default: 8001,
  })
  readonly APP_PORT: number;

  @BooleanVariable({
    group: 'Service',
    about:
      'Development mode: readable logs, a database that starts by itself, weak secrets allowed. Never True in production.',
    default: false,
  })
  readonly DEBUG: boolean;

  @Variable({
    group: 'Service',
    about: 'Least severe log lines that are written.',
    expected: 'fatal, error, warn, info, debug, trace or silent',
    parse: lowerCase,
    default: 'info',
  })
  @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
  readonly LOG_LEVEL: string;

  @Variable({
    group: 'Service',
    about: 'Folder for what the service itself stores: the data of the embedded PostgreSQL.',
    expected: 'the path of a folder that can be written',
    default: '.data',
  })
  @MinLength(1)
  readonly DATA_DIR: string;

  @Variable({
    group: 'Service',
    about:
      'File that these settings are read from, for staging or production; variables of the process win over it. Only read from the process.',
    expected: 'the path of a readable file',
    default: '.env',
    example: '',
  })
  @MinLength(1)
  readonly ENV_FILE: string;

  @IntegerVariable({
    group: 'Service',
    about:
      'Number of reverse proxies in front whose X-Forwarded-For, -Proto and -Host headers are believed; 0 believes none.',
    what: 'a number of proxies',
    from: 0,
    to: 10,
    default: 0,
  })
  readonly TRUST_PROXY: number;

  @BooleanVariable({
    group: 'Clients',
    about: 'Serve /docs, /redoc and /openapi.json.',
    default: true,
  })
  readonly DOCS_ENABLED: boolean;

  @Variable({
    group: 'Clients',
    about: 'Origins of browser applications that may call the API, as a JSON list; compared exactly.',
    expected: 'a JSON list of origins such as ["https://app.example.com"], without path or trailing slash',
    parse: parseStringList,
    default: ['http://localhost:3000', 'http://192.168.0.112:3000'],
    defaultText: '["http://localhost:3000","http://192.168.0.112:3000"]',
  })
  @EachIsOrigin()
  readonly CORS_ORIGINS: string[];

  @IntegerVariable({
    group: 'Clients',
    about: 'Largest request body in bytes; a larger one is answered 413.',
    what: 'a number of bytes',
    from: 1024,
    to: 10485760,
    default: 102_400,
  })
  readonly BODY_LIMIT_BYTES: number;

  @Variable({
    group: 'Tokens and passwords',
    about:
      'Key that signs the access tokens: at least 32 bytes for HS256, 48 for HS384, 64 for HS512. Make one with `openssl rand -base64 48`.',
    expected: 'a random text that nobody else knows',
    example: EXAMPLE_SECRET_KEY,
    secret: true,
  })
  @IsOptional()
  @IsString()
  readonly SECRET_KEY: string;

  @Variable({
    group: 'Tokens and passwords',
    about: 'Algorithm of the access tokens.',
    expected: 'HS256, HS384 or HS512',
    default: 'HS256',
  })
  @IsIn(['HS256', 'HS384', 'HS512'])
  readonly JWT_ALGORITHM: JwtAlgorithm;

  @Variable({
    group: 'Tokens and passwords',
    about: 'The `iss` claim of the access tokens; a token of another issuer is refused.',
    expected: 'a text of 1 to 200 characters',
    default: 'nest-auth-backend',
  })
  @Matches(/^.{1,200}$/su)
  readonly JWT_ISSUER: string;

  @Variable({
    group: 'Tokens and passwords',
    about: 'The `aud` claim of the access tokens; a token for another audience is refused.',
    expected: 'a text of 1 to 200 characters',
    default: 'nest-auth-backend',
  })
  @Matches(/^.{1,200}$/su)
  readonly JWT_AUDIENCE: string;

  @IntegerVariable({
    group: 'Tokens and passwords',
    about: 'Lifetime of an access token in minutes.',
    what: 'a number of minutes',
    from: 1,
    to: 525600,
    default: 30,
  })
  readonly ACCESS_TOKEN_EXPIRE_MINUTES: number;

  @IntegerVariable({
    group: 'Tokens and passwords',
    about: 'Cost of new bcrypt hashes: each step doubles the time of a login.',
    what: 'a cost',
    from: 10,
    to: 16,
    default: 12,
  })
  readonly BCRYPT_ROUNDS: number;

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
    about: 'Host of PostgreSQL, or the folder of its Unix socket. Without it and DATABASE_URL one starts by itself.',
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
}
