import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { declaredVariables } from '../platform/config/variable.decorator.js';
import { VARIABLES } from './environment.js';
import { loadEnvironment } from './load-environment.js';

// The tests change the working folder.
const SOURCES = join(process.cwd(), 'src');

const FLAG = {
  right: [
    ['True', true],
    ['1', true],
    ['ON', true],
    ['False', false],
    ['no', false],
  ],
  wrong: ['2', 'maybe', ' True'],
} as const;

const text = (longest: number) => ({
  right: [
    ['x', 'x'],
    ['y'.repeat(longest), 'y'.repeat(longest)],
    ['é\n💡', 'é\n💡'],
  ],
  wrong: ['y'.repeat(longest + 1)],
});

const number = (least: number, most: number) => ({
  right: [
    [String(least), least],
    [String(most), most],
  ],
  wrong: [...(least > 0 ? [String(least - 1)] : []), String(most + 1), '-1', `${least}.5`, '1e2', 'x', ' 5', '٣'],
});

const same = (...values: string[]) => values.map((value) => [value, value]);

const choice = (...values: string[]) => ({
  right: same(...values),
  wrong: ['x', `${values[0]} `, values.join(',')],
});

const postgres = {
  right: [['postgresql://h/d', 'postgresql://h/d']],
  wrong: ['mysql://h/d', 'postgresql://h:x/d', 'postgresql://h/d?sslmode=x', 'postgresql://h/d?sslcrl=x', 'h'],
};

const anything = { right: [['x', 'x']], wrong: [] };

interface Expectations {
  right: readonly (readonly [string, unknown])[] | (readonly unknown[])[];
  wrong: readonly string[];
}

const EXPECTED: Record<string, Expectations> = {
  APP_NAME: text(100),
  APP_HOST: {
    right: same('127.0.0.1', '::', 'app-1.example'),
    wrong: ['http://localhost', 'a b', 'a,b', '[::1]'],
  },
  APP_PORT: number(0, 65_535),
  KEEP_ALIVE_SECONDS: number(1, 7200),
  DEBUG: FLAG,
  LOG_LEVEL: {
    right: [...choice('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').right, ['WARN', 'warn']],
    wrong: ['warning', 'critical'],
  },
  DATA_DIR: anything,
  ENV_FILE: { right: [], wrong: [] },
  TRUST_PROXY: number(0, 10),
  DOCS_ENABLED: FLAG,
  CORS_ORIGINS: {
    right: [
      ['[]', []],
      ['["http://localhost:3000","https://a.example"]', ['http://localhost:3000', 'https://a.example']],
      ['["*"]', ['*']],
    ],
    wrong: ['http://localhost:3000', '["http://localhost:3000/"]', '"*"', '{}', '[1]', "['*']", '["null"]'],
  },
  BODY_LIMIT_BYTES: number(1024, 10_485_760),
  SECRET_KEY: { right: [['k'.repeat(64), 'k'.repeat(64)]], wrong: [] },
  SECRET_KEY_PREVIOUS: { right: [['p'.repeat(64), 'p'.repeat(64)]], wrong: [] },
  JWT_ALGORITHM: { ...choice('HS256', 'HS384', 'HS512'), wrong: ['none', 'RS256', 'hs256', 'HS256,HS384'] },
  JWT_ISSUER: text(200),
  JWT_AUDIENCE: text(200),
  ACCESS_TOKEN_EXPIRE_MINUTES: number(1, 525_600),
  BCRYPT_ROUNDS: number(10, 16),
  PASSWORD_POLICY: choice('compatible', 'strict'),
  SESSION_IDLE_DAYS: number(1, 3650),
  SESSION_MAX_DAYS: number(1, 3650),
  REFRESH_GRACE_SECONDS: number(0, 300),
  RECENT_SIGN_IN_MINUTES: number(1, 1440),
  REFRESH_COOKIE: { ...choice('off', 'lax', 'strict', 'none'), wrong: ['on', 'http'] },
  REFRESH_COOKIE_NAME: {
    right: [['shop.refresh_token-2', 'shop.refresh_token-2']],
    wrong: ['a b', '__Host-x', 'a=b', 'ü', 'x'.repeat(65)],
  },
  PUBLIC_URL: {
    right: same('https://auth.example.com', 'http://localhost:8001/app', 'https://[::1]:8443/a/b-c'),
    wrong: [
      'auth.example.com',
      'https://auth.example.com/',
      'https://a.example/b/',
      'https://a.example//b',
      'https://a.example/../b',
      'https://a.example/b"c',
      'https://a.example?x',
      'https://a.example:port',
      'javascript:x',
      'https://a b',
    ],
  },
  APP_URL: {
    right: [
      ['https://app.example.com', 'https://app.example.com'],
      ['http://localhost:3000/a?b=c#d', 'http://localhost:3000/a?b=c#d'],
      ['myapp://signed-in', 'myapp://signed-in'],
      ['com.example.app:/signed-in', 'com.example.app:/signed-in'],
    ],
    wrong: [
      'app.example.com',
      '/app',
      '//app.example.com',
      'localhost:3000',
      'https:/app.example.com',
      'https://',
      'https://a b',
      'javascript:alert(1)',
      'javascript://%0aalert(1)',
      'JavaScript:/x/',
      'data:text/html,x',
      'data:/text/html,x',
      'vbscript:/x',
      'blob:https://app.example.com/x',
      'file:///etc/passwd',
      'about:blank',
      'view-source:https://app.example.com',
      'mailto:john@example.com',
      `https://app.example.com/${'x'.repeat(2000)}`,
    ],
  },
  SMTP_HOST: { right: [['smtp.example.com', 'smtp.example.com']], wrong: ['smtp.example.com/x', 'a b'] },
  SMTP_PORT: number(1, 65_535),
  SMTP_TLS: { ...choice('tls', 'starttls', 'off'), wrong: ['ssl', 'on'] },
  SMTP_USER: { right: [['mailer', 'mailer']], wrong: [] },
  SMTP_PASSWORD: { right: [['pa#ss', 'pa#ss']], wrong: [] },
  MAIL_FROM: {
    right: same('no-reply@example.com', 'Example <no-reply@example.com>', 'Example, Inc. <no-reply@example.com>'),
    wrong: ['example.com', 'a@b.example, c@d.example'],
  },
  MAIL_LANGUAGE: choice('en', 'de'),
  MAIL_LIMIT_PER_HOUR: number(1, 1000),
  EMAIL_VERIFICATION: { ...choice('off', 'optional', 'required'), wrong: ['on', 'yes'] },
  NEW_DEVICE_MAIL: FLAG,
  DATABASE_URL: postgres,
  DATABASE_POOL_MODE: { ...choice('session', 'transaction'), wrong: ['statement', 'on'] },
  DATABASE_DIRECT_URL: postgres,
  PGHOST: { right: anything.right, wrong: ['a,b'] },
  POSTGRES_PORT: number(1, 65_535),
  PGDATABASE: anything,
  PGUSER: anything,
  PGPASSWORD: { right: [[' pa#ss ', ' pa#ss ']], wrong: [] },
  PGSSLMODE: choice('disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'),
  PGSSLROOTCERT: anything,
  PGSSLCERT: anything,
  PGSSLKEY: anything,
  PGOPTIONS: {
    right: same('-c search_path=shop', '--work-mem=8MB -capp.x=1'),
    wrong: ['search_path=shop', '-c search_path', '-B 5', '-c statement_timeout=1', 'endpoint=x'],
  },
  PGAPPNAME: anything,
  PGCONNECT_TIMEOUT: number(0, 60),
  EMBEDDED_POSTGRES: FLAG,
  DB_POOL_SIZE: number(1, 200),
  DB_CONNECT_TIMEOUT_MS: number(100, 60_000),
  DB_STATEMENT_TIMEOUT_MS: number(100, 600_000),
  DB_WAIT_SECONDS: number(0, 86_400),
  ADOPT_TIMEZONE: {
    right: ['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires'].map((zone) => [zone, zone]),
    wrong: ['+01:00', '2', 'Mars/Olympus', "UTC'; --"],
  },
  RATE_LIMIT: { right: [...FLAG.right, ['off', false]], wrong: FLAG.wrong },
  RATE_LIMIT_REQUESTS_PER_MINUTE: number(1, 1_000_000),
  MAX_CONNECTIONS: number(10, 1_000_000),
  MAX_CONNECTIONS_PER_CLIENT: number(10, 1_000_000),
  RATE_LIMIT_LOGIN_ACCOUNT: number(1, 100),
  RATE_LIMIT_LOGIN_CLIENT: number(1, 1_000_000),
  RATE_LIMIT_LOGIN_WINDOW_MINUTES: number(1, 1440),
  RATE_LIMIT_REGISTER_PER_HOUR: number(1, 1_000_000),
  REDIS_URL: {
    right: same('redis://h:6379/0', 'rediss://u:p@h'),
    wrong: ['h:6379', 'http://h', 'redis://'],
  },
  HASH_THREADS: number(0, 64),
  HASH_WAIT_MS: number(100, 60_000),
  WORKERS: number(1, 256),
  DRAIN_DELAY_MS: number(0, 60_000),
  DRAIN_SECONDS: number(1, 300),
  WORKER: { ...choice('embedded', 'only', 'off'), wrong: ['on', 'both'] },
  JOB_CONCURRENCY: number(1, 50),
  AUDIT_RETENTION_DAYS: number(31, 36_500),
  LOG_DIR: anything,
  METRICS_TOKEN: { right: [['t'.repeat(16), 't'.repeat(16)]], wrong: ['t'.repeat(15)] },
  BACKUP_DIR: anything,
};

describe('Environment', () => {
  const valid = { SECRET_KEY: 'k'.repeat(64), PGHOST: 'localhost' };
  const workingFolder = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'environment-'));

  beforeAll(() => process.chdir(folder));
  afterAll(() => {
    process.chdir(workingFolder);
    rmSync(folder, { recursive: true });
  });

  it('has exactly the variables that this test knows', () => {
    expect(VARIABLES.map(({ name }) => name).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it('has the settings of every feature', async () => {
    const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.settings.ts'),
    );
    for (const file of files) await import(`../${file.replace(/\.ts$/, '.js')}`);
    expect(files.length).toBeGreaterThan(15);
    expect(
      declaredVariables()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(VARIABLES.map(({ name }) => name).toSorted());
  });

  it('has the defaults of the FastAPI service, without its development settings', () => {
    expect({ ...loadEnvironment(valid).environment }).toEqual({
      ...valid,
      APP_NAME: 'FastAPI Backend',
      APP_HOST: '0.0.0.0',
      APP_PORT: 8001,
      KEEP_ALIVE_SECONDS: 72,
      DEBUG: false,
      LOG_LEVEL: 'info',
      DATA_DIR: '.data',
      ENV_FILE: '.env',
      TRUST_PROXY: 0,
      DOCS_ENABLED: true,
      CORS_ORIGINS: ['http://localhost:3000', 'http://192.168.0.112:3000'],
      BODY_LIMIT_BYTES: 102_400,
      JWT_ALGORITHM: 'HS256',
      JWT_ISSUER: 'nest-auth-backend',
      JWT_AUDIENCE: 'nest-auth-backend',
      ACCESS_TOKEN_EXPIRE_MINUTES: 30,
      BCRYPT_ROUNDS: 12,
      PASSWORD_POLICY: 'compatible',
      SESSION_IDLE_DAYS: 30,
      SESSION_MAX_DAYS: 180,
      REFRESH_GRACE_SECONDS: 30,
      RECENT_SIGN_IN_MINUTES: 10,
      REFRESH_COOKIE_NAME: 'refresh_token',
      REFRESH_COOKIE: 'lax',
      PUBLIC_URL: 'http://localhost:8001',
      SMTP_PORT: 587,
      SMTP_TLS: 'starttls',
      MAIL_FROM: 'no-reply@localhost.localdomain',
      MAIL_LANGUAGE: 'en',
      MAIL_LIMIT_PER_HOUR: 5,
      EMAIL_VERIFICATION: 'off',
      NEW_DEVICE_MAIL: true,
      DATABASE_URL: undefined,
      DATABASE_POOL_MODE: 'session',
      POSTGRES_PORT: 5432,
      PGDATABASE: 'fastapi_db',
      PGUSER: 'postgres',
      PGPASSWORD: undefined,
      PGSSLMODE: undefined,
      PGSSLROOTCERT: undefined,
      PGCONNECT_TIMEOUT: 0,
      EMBEDDED_POSTGRES: false,
      DB_POOL_SIZE: 10,
      DB_CONNECT_TIMEOUT_MS: 2000,
      DB_STATEMENT_TIMEOUT_MS: 5000,
      DB_WAIT_SECONDS: 60,
      ADOPT_TIMEZONE: undefined,
      RATE_LIMIT: true,
      RATE_LIMIT_REQUESTS_PER_MINUTE: 3000,
      MAX_CONNECTIONS: 4000,
      MAX_CONNECTIONS_PER_CLIENT: 1000,
      RATE_LIMIT_LOGIN_ACCOUNT: 10,
      RATE_LIMIT_LOGIN_CLIENT: 100,
      RATE_LIMIT_LOGIN_WINDOW_MINUTES: 15,
      RATE_LIMIT_REGISTER_PER_HOUR: 200,
      HASH_THREADS: 0,
      HASH_WAIT_MS: 2000,
      WORKERS: 1,
      DRAIN_DELAY_MS: 2000,
      DRAIN_SECONDS: 8,
      WORKER: 'embedded',
      JOB_CONCURRENCY: 2,
      AUDIT_RETENTION_DAYS: 400,
    });
  });

  const rows = Object.entries(EXPECTED);
  const right = rows.flatMap(([name, { right }]) =>
    right.map(([text, value]) => [name, text as string, value] as const),
  );
  const wrong = rows.flatMap(([name, { wrong }]) => wrong.map((text) => [name, text] as const));

  it.each(right)('reads %s=%j', (name, text, value) => {
    // Half of a sign-in is refused for itself.
    const signIn = name.startsWith('SMTP_') ? { SMTP_USER: 'x', SMTP_PASSWORD: 'x' } : {};
    expect(loadEnvironment({ ...valid, ...signIn, [name]: text }).environment).toHaveProperty([name], value);
  });

  it.each(wrong)('refuses %s=%j with a message about this setting only', (name, text) => {
    expect(() => loadEnvironment({ ...valid, [name]: text })).toThrow(
      new RegExp(`^One setting is invalid, the service did not start:\n {2}- ${name} holds .*; expected .*$`, 's'),
    );
  });
});
