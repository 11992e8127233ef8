import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from './configuration-error.js';
import { databaseSettings, sessionDatabase } from './database-settings.js';
import { Environment, VARIABLES } from '../../settings/environment.js';

const defaults = Object.fromEntries(VARIABLES.map((variable) => [variable.name, variable.default]));
const settings = (values: Partial<Environment>) => databaseSettings(Object.assign(new Environment(), defaults, values));

const folder = mkdtempSync(join(tmpdir(), 'database-settings-'));
const authority = join(folder, 'ca.pem');
writeFileSync(authority, '-----BEGIN CERTIFICATE-----\n');
afterAll(() => rmSync(folder, { recursive: true }));

describe('databaseSettings', () => {
  it('returns undefined if neither DATABASE_URL nor PGHOST is set, regardless of other settings', () => {
    expect(settings({})).toBeUndefined();
    expect(settings({ PGUSER: 'john', PGPASSWORD: 'secret', PGSSLROOTCERT: join(folder, 'absent') })).toBeUndefined();
  });

  it('reads the separate settings, with the defaults of the FastAPI service', () => {
    expect(settings({ PGHOST: 'db.example' })).toMatchObject({
      host: 'db.example',
      port: 5432,
      database: 'fastapi_db',
      user: 'postgres',
      password: undefined,
      sslMode: 'prefer',
      certificateAuthority: undefined,
    });
    const parts = { PGHOST: 'db', POSTGRES_PORT: 5433, PGDATABASE: 'app', PGUSER: 'john', PGPASSWORD: 'secret' };
    expect(settings({ ...parts, PGSSLMODE: 'require' })).toMatchObject({
      host: 'db',
      port: 5433,
      database: 'app',
      user: 'john',
      password: 'secret',
      sslMode: 'require',
    });
  });

  it('prefers DATABASE_URL, and completes it from the other settings', () => {
    const parts: Partial<Environment> = {
      PGHOST: 'ignored',
      POSTGRES_PORT: 5433,
      PGDATABASE: 'app',
      PGUSER: 'john',
      PGPASSWORD: 'secret',
      PGSSLMODE: 'require',
    };
    expect(settings({ ...parts, DATABASE_URL: 'postgresql://mary:hidden@db:1/other?sslmode=disable' })).toMatchObject({
      host: 'db',
      port: 1,
      database: 'other',
      user: 'mary',
      password: 'hidden',
      sslMode: 'disable',
    });
    expect(settings({ ...parts, DATABASE_URL: 'postgresql://' })).toMatchObject({
      host: 'localhost',
      port: 5433,
      database: 'app',
      user: 'john',
      password: 'secret',
      sslMode: 'require',
    });
  });

  it('reads the certificate authority that PGSSLROOTCERT or the URL names', () => {
    const pem = '-----BEGIN CERTIFICATE-----\n';
    expect(settings({ PGHOST: 'h', PGSSLROOTCERT: authority })?.certificateAuthority).toBe(pem);
    expect(settings({ DATABASE_URL: 'postgresql://h', PGSSLROOTCERT: authority })?.certificateAuthority).toBe(pem);
    const url = `postgresql://h/d?sslrootcert=${authority}`;
    expect(settings({ DATABASE_URL: url, PGSSLROOTCERT: 'ignored' })?.certificateAuthority).toBe(pem);
  });

  it('reads `system` as the authorities of the system, with verify-full, as libpq does', () => {
    const found = settings({ PGHOST: 'h', PGSSLROOTCERT: 'system' });
    expect(found).toMatchObject({ sslMode: 'verify-full', certificateAuthority: undefined });
    for (const mode of ['allow', 'prefer', 'require', 'verify-ca']) {
      const weak = () => settings({ DATABASE_URL: `postgresql://h/d?sslrootcert=system&sslmode=${mode}` });
      expect(weak).toThrow(`sslrootcert=system requires sslmode=verify-full, and sslmode is ${mode} (DATABASE_URL`);
    }
  });

  it('refuses verify-ca without an authority, because anyone can get a certificate of a public one', () => {
    expect(() => settings({ PGHOST: 'h', PGSSLMODE: 'verify-ca' })).toThrow('sslmode=verify-ca needs sslrootcert');
    expect(settings({ PGHOST: 'h', PGSSLMODE: 'verify-full' })).toMatchObject({ certificateAuthority: undefined });
  });

  it('does not use TLS over a Unix socket, as in libpq', () => {
    expect(settings({ PGHOST: '/run/postgresql', PGSSLMODE: 'verify-full' })?.sslMode).toBe('disable');
    expect(settings({ DATABASE_URL: 'postgresql:///d?host=/run/postgresql&sslmode=require' })?.sslMode).toBe('disable');
  });

  it('refuses a certificate without a key, a key without a certificate, and invalid files', () => {
    expect(() => settings({ PGHOST: 'h', PGSSLCERT: authority })).toThrow('sslcert needs sslkey');
    expect(() => settings({ PGHOST: 'h', PGSSLKEY: authority })).toThrow('sslkey needs sslcert');
    expect(() => settings({ PGHOST: 'h', PGSSLCERT: authority, PGSSLKEY: authority })).toThrow(/cannot be used/);
  });

  it('prefers the run-time parameters of the URL to those of PGOPTIONS', () => {
    const PGOPTIONS = '-c search_path=shop,public --work-mem=8MB -capp.text=a\\ b';
    expect(settings({ PGHOST: 'h', PGOPTIONS })?.parameters).toEqual({
      search_path: 'shop,public',
      work_mem: '8MB',
      'app.text': 'a b',
    });
    const DATABASE_URL = 'postgresql://h/d?options=-csearch_path%3Dother';
    expect(settings({ PGOPTIONS, DATABASE_URL })?.parameters).toEqual({ search_path: 'other' });
  });

  it('reads DATABASE_DIRECT_URL, which has the run-time parameters of DATABASE_URL unless it has its own', () => {
    const DATABASE_URL = 'postgresql://h:6432/d?options=-csearch_path%3Dshop';
    const found = settings({
      DATABASE_URL,
      DATABASE_POOL_MODE: 'transaction',
      DATABASE_DIRECT_URL: 'postgresql://h/d',
    });
    expect(found).toMatchObject({ port: 6432, poolMode: 'transaction', direct: { port: 5432 } });
    expect(found?.direct?.parameters).toEqual({ search_path: 'shop' });
    expect(found && sessionDatabase(found)).toBe(found?.direct);
    const lone = settings({ DATABASE_URL, DATABASE_POOL_MODE: 'transaction' });
    expect(lone && sessionDatabase(lone)).toBeUndefined();
    const plain = settings({ DATABASE_URL });
    expect(plain && sessionDatabase(plain)).toBe(plain);
  });

  it('reads the application name and the connection timeout from the URL or the variables', () => {
    const named = 'postgresql://h/d?application_name=shop&connect_timeout=7';
    const variables = { PGAPPNAME: 'other', PGCONNECT_TIMEOUT: 3 };
    const shop = { applicationName: 'shop', connectTimeoutMs: 7000 };
    expect(settings({ ...variables, DATABASE_URL: named })).toMatchObject(shop);
    const other = { applicationName: 'other', connectTimeoutMs: 3000 };
    expect(settings({ ...variables, DATABASE_URL: 'postgresql://h/d?fallback_application_name=x' })).toMatchObject(
      other,
    );
    expect(settings({ DATABASE_URL: 'postgresql://h/d?fallback_application_name=x' })?.applicationName).toBe('x');
  });

  it('refuses a certificate authority that cannot be read', () => {
    const read = () => settings({ PGHOST: 'h', PGSSLROOTCERT: join(folder, 'absent.pem') });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(/^PGSSLROOTCERT.*ENOENT.*absent\.pem/);
    const fromUrl = () => settings({ DATABASE_URL: `postgresql://h/d?sslrootcert=${join(folder, 'absent.pem')}` });
    expect(fromUrl).toThrow('sslrootcert in DATABASE_URL names a file that cannot be read: ENOENT');
    expect(fromUrl).not.toThrow(/absent/);
  });
});
