import { devNull } from 'node:os';
import { diagnose } from '../../src/doctor/diagnose.js';
import type { ReachedDatabase } from '../../src/doctor/facts/database-facts.js';
import type { Facts } from '../../src/doctor/facts/facts.js';
import type { MachineFacts } from '../../src/doctor/facts/machine-facts.js';
import { databaseSettings } from '../../src/platform/config/database-settings.js';
import { examineEnvironment } from '../../src/settings/load-environment.js';

const GIGABYTE = 1024 ** 3;

/** Settings for which the doctor reports no problem. */
const SETTINGS = {
  SECRET_KEY: 'iVTdWNOQl9c2WHbiQhJ7cMbMmZqdYrn8mW0nC6oUe1zjRGXG5n4l0bUq3m4AGcT9',
  DATABASE_URL: 'postgresql://auth:Zr9mPq2LxV7tKc4W@db.example/accounts?sslmode=verify-full',
  APP_HOST: '127.0.0.1',
  TRUST_PROXY: '1',
  CORS_ORIGINS: '["https://app.example"]',
  DOCS_ENABLED: 'False',
  METRICS_TOKEN: 'a-token-of-prometheus',
  LOG_DIR: '/var/log/auth',
  BACKUP_DIR: '/var/backups/auth',
  WORKERS: '4',
  PUBLIC_URL: 'https://auth.example',
  SMTP_HOST: 'smtp.example',
  SMTP_USER: 'auth',
  SMTP_PASSWORD: 'a-password-of-smtp',
  MAIL_FROM: 'Shop <no-reply@shop.example>',
  ENV_FILE: devNull,
};

export interface Changes {
  settings?: Record<string, string>;
  database?: Partial<ReachedDatabase>;
  server?: Partial<ReachedDatabase['server']>;
  schema?: Partial<ReachedDatabase['schema']>;
  machine?: Partial<MachineFacts>;
  /** Other facts to replace. */
  facts?: Partial<Facts>;
}

/** Facts about a healthy service, machine and database, with some changes. */
export function healthyFacts({ settings, database, server, schema, machine, facts }: Changes = {}): Facts {
  const examined = examineEnvironment({ ...SETTINGS, ...settings });
  const folder = { exists: true, unwritable: undefined, freeBytes: 100 * GIGABYTE };
  return {
    settings: { ...examined, file: { name: '.env', mode: 0o600 } },
    database: { ...healthyDatabase(examined.environment, { server, schema }), ...database },
    machine: {
      now: new Date('2026-11-22T12:00:00Z'),
      nodeVersion: '24.11.0',
      isRoot: false,
      cores: 4,
      memoryBytes: 8 * GIGABYTE,
      openFiles: 65_535,
      dangerousSwitches: [],
      ...machine,
    },
    port: { state: 'free' },
    redis: { endpoint: 'localhost:6379', isTls: false, isLocal: true, isReachable: true },
    mailServer: { endpoint: 'smtp.example:587', refusal: undefined },
    logs: { path: '/var/log/auth', ...folder },
    data: undefined,
    backups: {
      state: 'listed',
      path: '/var/backups/auth',
      newestFirst: [
        { name: 'auth-2.dump', bytes: 1_000_000, ageHours: 7, mode: 0o600 },
        { name: 'auth-1.dump', bytes: 990_000, ageHours: 31, mode: 0o600 },
      ],
      freeBytes: 100 * GIGABYTE,
    },
    ...facts,
  };
}

function healthyDatabase(
  environment: Facts['settings']['environment'],
  { server, schema }: Pick<Changes, 'server' | 'schema'>,
): ReachedDatabase {
  const settings = databaseSettings(environment);
  if (!settings) throw new Error('the healthy facts have a database');
  return {
    state: 'reached',
    settings,
    endpoint: 'db.example:5432/accounts',
    address: '203.0.113.5',
    authentication: 'scram',
    tls: 'TLSv1.3',
    clockAheadMs: 12,
    isPooled: false,
    missingParameters: undefined,
    supply: { connections: 97, source: 'max_connections 100, 3 of them reserved' },
    server: {
      version: '18.1',
      major: 18,
      isSuperuser: false,
      spareRights: [],
      ownsDatabase: false,
      survivesCrash: true,
      keepsCommits: true,
      isReadOnly: false,
      backendPid: 4711,
      otherConnections: 2,
      ...server,
    },
    schema: {
      pending: [],
      foreign: [],
      unadoptable: undefined,
      isKeptFromQueue: false,
      lackingRights: [],
      mayWriteMigrations: false,
      unusableHashes: [],
      ...schema,
    },
  };
}

/** The findings of one check on healthy facts with changes, such as `fail: text`. */
export function said(check: string, changes: Changes = {}): string[] {
  return diagnose(healthyFacts(changes))
    .filter((finding) => finding.check === check)
    .map(({ level, found }) => `${level}: ${found}`);
}
