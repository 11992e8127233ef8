import { readFileSync, writeFileSync } from 'node:fs';
import { databaseSettings, type DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { loadEnvironment } from '../../src/settings/load-environment.js';
import { DatabaseClient } from '../../src/platform/database/database-client.js';
import { connectionOptions, poolOptions } from '../../src/platform/database/pg-client.js';
import { waitForDatabase } from '../../src/platform/database/wait-for-database.js';
import { Certificates } from '../support/certificates.js';
import { DedicatedPostgres } from '../support/dedicated-postgres.js';
import { describeWith } from '../support/programs.js';
import { silentLogger } from '../support/silent-logger.js';
import { TEST_SECRET } from '../support/test-app.js';
import { query, settingsOf, urlOf } from '../support/test-databases.js';
import { until } from '../support/until.js';

const PATIENCE_SECONDS = 0.001;

const production = { SECRET_KEY: TEST_SECRET, ENV_FILE: '/dev/null' };

/** The database settings of a start, after it has connected to the server. */
async function settle(url: string, variables: Record<string, string> = {}): Promise<DatabaseSettings> {
  const { environment } = loadEnvironment({ ...production, DATABASE_URL: url, ...variables });
  const settings = databaseSettings(environment);
  if (!settings) throw new Error('no database');
  return waitForDatabase(settings, PATIENCE_SECONDS, silentLogger);
}

async function ask<Row extends object>(settings: DatabaseSettings, sql: string): Promise<Row | undefined> {
  const client = new DatabaseClient(connectionOptions(settings));
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows[0];
  } finally {
    await client.end();
  }
}

describe('run-time parameters', () => {
  const url = urlOf(settingsOf('postgres'));
  const SHOWN = `SELECT current_setting('search_path') AS path, current_setting('work_mem') AS memory`;

  it.each<[string, string, Record<string, string>]>([
    ['options of the URL', `${url}?options=-csearch_path%3Dshop,public%20--work-mem=8MB`, {}],
    ['PGOPTIONS', url, { PGOPTIONS: '-c search_path=shop,public -cwork_mem=8MB' }],
  ])('apply from %s', async (_, url, variables) => {
    expect(await ask(await settle(url, variables), SHOWN)).toEqual({ path: 'shop,public', memory: '8MB' });
  });

  it('are refused if the server does not know or accept them, and the message names the settings to check', async () => {
    await expect(settle(`${url}?options=-cno_such%3D1`)).rejects.toThrow(
      /unrecognized configuration parameter "no_such"; check PGOPTIONS, or options in DATABASE_URL$/,
    );
    await expect(settle(url, { PGOPTIONS: '-c work_mem=much' })).rejects.toThrow(/; check PGOPTIONS/);
  });
});

describe('a new connection', () => {
  it('needs one extra round trip, and none behind a pooler in transaction mode', async () => {
    const { environment } = loadEnvironment({ ...production, PGHOST: 'x' });
    const roundTrips = async (settings: DatabaseSettings): Promise<number> => {
      const client = new DatabaseClient(poolOptions(settings, environment));
      let answers = 0;
      const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
      connection.on('readyForQuery', () => (answers += 1));
      await client.connect();
      const limit = await client.query('SHOW statement_timeout');
      await client.end();
      expect(limit.rows).toEqual([{ statement_timeout: settings.poolMode === 'transaction' ? '0' : '5s' }]);
      return answers - 1;
    };
    const settings = settingsOf('postgres');
    expect(await roundTrips({ ...settings, poolMode: 'transaction' })).toBe(1);
    expect(await roundTrips(settings)).toBe(2);
  });

  it('is closed if its session cannot be set up', async () => {
    const settings = { ...settingsOf('postgres'), applicationName: 'refused', parameters: { work_mem: 'much' } };
    const client = new DatabaseClient(connectionOptions(settings));
    await expect(client.connect()).rejects.toThrow(/work_mem/);
    const OPEN = "SELECT FROM pg_stat_activity WHERE application_name = 'refused'";
    await until(async () => (await query(settingsOf('postgres'), OPEN)).length === 0);
  });
});

describeWith('openssl')('sslmode against a server with TLS', () => {
  let certificates: Certificates;
  let postgres: DedicatedPostgres;
  let url: string;

  const USED = `SELECT ssl AS tls, client_dn AS client FROM pg_stat_ssl WHERE pid = pg_backend_pid()`;
  const used = async (parameters: string, host = 'localhost') =>
    ask<{ tls: boolean; client: string | null }>(await settle(`${url.replace('127.0.0.1', host)}?${parameters}`), USED);
  const authority = () => `sslrootcert=${certificates.file('authority.pem')}`;
  const stranger = () => `sslrootcert=${certificates.file('stranger.pem')}`;

  beforeAll(async () => {
    certificates = new Certificates();
    // The certificate has a host name but no IP address.
    certificates.issue('server', 'localhost', 'DNS:localhost');
    certificates.issue('client', 'postgres');
    certificates.encrypt('client', 'encrypted', 'open sesame');
    certificates.giveToServer();
    postgres = await DedicatedPostgres.start({
      fsync: 'off',
      ssl: 'on',
      ssl_cert_file: certificates.file('server.pem'),
      ssl_key_file: certificates.file('server.key'),
      ssl_ca_file: certificates.file('authority.pem'),
    });
    url = urlOf(postgres.settings);
  });
  afterAll(async () => {
    await postgres.stop();
    certificates.remove();
  });

  it.each([
    ['disable', false],
    ['allow', false],
    ['prefer', true],
    ['require', true],
  ])('%s does not check the certificate; TLS: %s', async (mode, tls) => {
    expect(await used(`sslmode=${mode}`, '127.0.0.1')).toEqual({ tls, client: null });
  });

  it('require checks the chain but not the name if sslrootcert is set', async () => {
    expect(await used(`sslmode=require&${authority()}`, '127.0.0.1')).toMatchObject({ tls: true });
    await expect(used(`sslmode=require&${stranger()}`)).rejects.toThrow(/check PGSSLMODE and PGSSLROOTCERT/);
  });

  it('verify-ca checks the chain but not the name', async () => {
    expect(await used(`sslmode=verify-ca&${authority()}`, '127.0.0.1')).toMatchObject({ tls: true });
    await expect(used(`sslmode=verify-ca&${stranger()}`)).rejects.toThrow(/check PGSSLMODE and PGSSLROOTCERT/);
  });

  it('verify-full checks the chain and the name', async () => {
    expect(await used(`sslmode=verify-full&${authority()}`)).toMatchObject({ tls: true });
    await expect(used(`sslmode=verify-full&${authority()}`, '127.0.0.1')).rejects.toThrow(/PGSSLROOTCERT/);
    await expect(used(`sslmode=verify-full&${stranger()}`)).rejects.toThrow(/check PGSSLMODE and PGSSLROOTCERT/);
    await expect(used('sslmode=verify-full&sslrootcert=system')).rejects.toThrow(/check PGSSLMODE and PGSSLROOTCERT/);
    await expect(used('sslrootcert=system')).rejects.toThrow(/check PGSSLMODE and PGSSLROOTCERT/);
  });

  it('prefer continues without TLS if the certificate does not verify, as in libpq', async () => {
    expect(await used(`sslmode=prefer&${stranger()}`)).toMatchObject({ tls: false });
  });

  it('sends the client certificate, whose key may be encrypted', async () => {
    const pair = (key: string) =>
      `sslcert=${certificates.file('client.pem')}&sslkey=${certificates.file(`${key}.key`)}`;
    expect(await used(`sslmode=require&${pair('client')}`)).toEqual({ tls: true, client: '/CN=postgres' });
    const encrypted = `sslmode=require&${pair('encrypted')}&sslpassword=open%20sesame`;
    expect(await used(encrypted)).toEqual({ tls: true, client: '/CN=postgres' });
    await expect(used(`sslmode=require&${pair('encrypted')}`)).rejects.toThrow(/an encrypted key needs sslpassword/);
  });

  it('allow uses TLS if the server requires it, and prefer uses none if the server forbids it', async () => {
    const [{ file } = { file: '' }] = await query<{ file: string }>(
      postgres.settings,
      "SELECT current_setting('hba_file') AS file",
    );
    const before = readFileSync(file, 'utf8');
    const admit = async (lines: string, over: DatabaseSettings) => {
      writeFileSync(file, lines);
      await ask(over, 'SELECT pg_reload_conf()');
    };
    const isUsed = async (mode: string) => (await used(`sslmode=${mode}`).catch(() => undefined))?.tls;
    const overTls: DatabaseSettings = { ...postgres.settings, sslMode: 'require' };
    await admit('hostssl all all all scram-sha-256\n', overTls);
    await until(async () => (await isUsed('allow')) === true);
    await expect(used('sslmode=disable')).rejects.toThrow(/no encryption/);
    await admit('hostnossl all all all scram-sha-256\n', overTls);
    await until(async () => (await isUsed('prefer')) === false);
    await expect(used('sslmode=require')).rejects.toThrow(/SSL encryption/);
    await admit(before, postgres.settings);
  });
});

describe('sslmode against a server without TLS', () => {
  const url = urlOf(settingsOf('postgres'));

  it.each(['disable', 'allow', 'prefer'])('%s connects without TLS', async (mode) => {
    expect((await settle(`${url}?sslmode=${mode}`)).sslMode).toBe('disable');
  });

  it.each(['require', 'verify-full'])('%s is refused', async (mode) => {
    await expect(settle(`${url}?sslmode=${mode}`)).rejects.toThrow(/does not support SSL/);
  });
});
