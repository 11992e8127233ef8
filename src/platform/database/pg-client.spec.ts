import pg from 'pg';
import type { DatabaseSettings } from '../config/database-settings.js';
import { PlatformSettings } from '../config/platform-settings.js';
import { connectionOptions, DisposableClient, poolOptions, withApplicationName } from './pg-client.js';
import { Timestamp } from './timestamp.js';

const settings: DatabaseSettings = {
  host: 'db.example',
  port: 5432,
  database: 'app',
  user: 'john',
  password: 'secret',
  sslMode: 'prefer',
  certificateAuthority: undefined,
};

describe('connectionOptions', () => {
  it('passes on the settings, without any time limit', () => {
    const options = connectionOptions(settings);
    expect(options).toMatchObject({
      host: 'db.example',
      port: 5432,
      database: 'app',
      user: 'john',
      password: 'secret',
    });
    expect(Object.keys(options).filter((name) => /timeout/i.test(name))).toEqual([]);
    // Overrides a limit of the role.
    expect(options.session).toEqual({ statement_timeout: '0', idle_in_transaction_session_timeout: '0' });
  });

  it('passes on the other parameters of a URL', () => {
    const tcpKeepAlive = { isOn: false, idleMs: 30_000 };
    const more = { applicationName: 'shop', connectTimeoutMs: 7000, tcpKeepAlive, parameters: { search_path: 'shop' } };
    const options = connectionOptions({ ...settings, ...more });
    expect(options).toMatchObject({
      application_name: 'shop',
      connectionTimeoutMillis: 7000,
      keepAlive: false,
      keepAliveInitialDelayMillis: 30_000,
      session: { search_path: 'shop' },
    });
    expect(withApplicationName(options, 'jobs').application_name).toBe('shop jobs');
  });

  it('sets no parameters behind a pooler in transaction mode', () => {
    const parameters = { search_path: 'shop' };
    expect(connectionOptions({ ...settings, parameters, poolMode: 'transaction' }).session).toEqual({});
  });

  const certificateAuthority = '-----BEGIN CERTIFICATE-----';

  it('uses no TLS with disable, and any certificate with prefer and require', () => {
    expect(connectionOptions({ ...settings, sslMode: 'disable' }).ssl).toBe(false);
    expect(connectionOptions({ ...settings, sslMode: 'prefer' }).ssl).toEqual({ rejectUnauthorized: false });
    expect(connectionOptions({ ...settings, sslMode: 'require' }).ssl).toEqual({ rejectUnauthorized: false });
  });

  it('checks the chain with verify-ca and the name too with verify-full', () => {
    const verifyCa = connectionOptions({ ...settings, certificateAuthority, sslMode: 'verify-ca' }).ssl;
    const skipName = expect.any(Function) as () => undefined;
    expect(verifyCa).toEqual({ ca: certificateAuthority, rejectUnauthorized: true, checkServerIdentity: skipName });
    expect((verifyCa as { checkServerIdentity: () => unknown }).checkServerIdentity()).toBeUndefined();
    const verifyFull = connectionOptions({ ...settings, certificateAuthority, sslMode: 'verify-full' }).ssl;
    expect(verifyFull).toEqual({ ca: certificateAuthority, rejectUnauthorized: true });
  });

  it.each(['allow', 'prefer', 'require'] as const)('checks the chain with %s if there is an authority', (sslMode) => {
    const { ssl } = connectionOptions({ ...settings, certificateAuthority, sslMode });
    expect(ssl).toMatchObject({ ca: certificateAuthority, rejectUnauthorized: true });
    expect((ssl as { checkServerIdentity: () => unknown }).checkServerIdentity()).toBeUndefined();
  });

  it('never leaves verify-ca unverified, and shows the certificate of the client', () => {
    const clientCertificate = { cert: 'CERTIFICATE', key: 'KEY', passphrase: undefined };
    expect(connectionOptions({ ...settings, sslMode: 'verify-ca' }).ssl).toMatchObject({ rejectUnauthorized: true });
    for (const sslMode of ['require', 'verify-ca', 'verify-full'] as const)
      expect(connectionOptions({ ...settings, clientCertificate, sslMode }).ssl).toMatchObject(clientCertificate);
  });

  it('reads timestamptz as Timestamp and everything else as the driver does', () => {
    const parserOf = connectionOptions(settings).types?.getTypeParser as unknown as (
      oid: number,
      format?: 'text' | 'binary',
    ) => (text: string) => unknown;
    expect(parserOf(1184)('2026-01-04 10:00:00+00')).toBeInstanceOf(Timestamp);
    expect(parserOf(1184, 'text')('2026-01-04 10:00:00+00')).toBeInstanceOf(Timestamp);
    expect(parserOf(1184, 'binary')).toBe(pg.types.getTypeParser(1184, 'binary'));
    expect(parserOf(23)('42')).toBe(42);
    expect(parserOf(16)('t')).toBe(true);
  });
});

describe('poolOptions', () => {
  it('limits every wait', () => {
    const environment = Object.assign(new PlatformSettings(), {
      DB_POOL_SIZE: 7,
      DB_CONNECT_TIMEOUT_MS: 2000,
      DB_STATEMENT_TIMEOUT_MS: 5000,
    });
    expect(poolOptions(settings, environment)).toMatchObject({
      ...connectionOptions(settings),
      types: expect.anything() as unknown,
      max: 7,
      connectionTimeoutMillis: 2000,
      session: { statement_timeout: '5000', idle_in_transaction_session_timeout: '10000' },
      query_timeout: 6000,
      Client: DisposableClient,
    });
    expect(poolOptions({ ...settings, connectTimeoutMs: 7000 }, environment).connectionTimeoutMillis).toBe(7000);
  });
});

describe('DisposableClient', () => {
  const clientWhoseQuery = (result: unknown) => {
    const client = new DisposableClient({ host: '127.0.0.1', port: 1 });
    const query = jest.spyOn(pg.Client.prototype, 'query').mockReturnValue(result as never);
    const end = jest.spyOn(client, 'end').mockRejectedValue(new Error('closed already') as never);
    return { client, query, end };
  };
  afterEach(() => jest.restoreAllMocks());

  it('closes itself when a statement exceeds the time limit, and still rejects', async () => {
    const { client, end } = clientWhoseQuery(Promise.reject(new Error('Query read timeout')));
    await expect(client.query('SELECT 1') as Promise<unknown>).rejects.toThrow('Query read timeout');
    expect(end).toHaveBeenCalledTimes(1);
  });

  it('stays open for any other failure', async () => {
    const { client, end } = clientWhoseQuery(Promise.reject(new Error('syntax error')));
    await expect(client.query('SELECT') as Promise<unknown>).rejects.toThrow('syntax error');
    expect(end).not.toHaveBeenCalled();
  });

  it('passes on all parameters and results unchanged', async () => {
    const rows = { rows: [1] };
    const { client, query } = clientWhoseQuery(Promise.resolve(rows));
    expect(await (client.query('SELECT $1', [1]) as Promise<unknown>)).toBe(rows);
    expect(query).toHaveBeenCalledWith('SELECT $1', [1]);
    const { client: other } = clientWhoseQuery(undefined);
    expect(other.query({ submit: () => undefined })).toBeUndefined();
  });
});
