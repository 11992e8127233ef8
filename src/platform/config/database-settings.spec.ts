import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from './configuration-error.js';
import { databaseSettings } from './database-settings.js';
import { Environment, VARIABLES } from './environment.js';

const defaults = Object.fromEntries(VARIABLES.map((variable) => [variable.name, variable.default]));
const settings = (values: Partial<Environment>) => databaseSettings(Object.assign(new Environment(), defaults, values));

const folder = mkdtempSync(join(tmpdir(), 'database-settings-'));
const authority = join(folder, 'ca.pem');
writeFileSync(authority, '-----BEGIN CERTIFICATE-----\n');
afterAll(() => rmSync(folder, { recursive: true }));

describe('databaseSettings', () => {
  it('gives nothing when neither DATABASE_URL nor PGHOST is set, whatever else is', () => {
    expect(settings({})).toBeUndefined();
    expect(settings({ PGUSER: 'john', PGPASSWORD: 'secret', PGSSLROOTCERT: join(folder, 'absent') })).toBeUndefined();
  });

  it('takes the parts one by one, with the defaults of the documented service', () => {
    expect(settings({ PGHOST: 'db.example' })).toEqual({
      host: 'db.example',
      port: 5432,
      database: 'fastapi_db',
      user: 'postgres',
      password: undefined,
      sslMode: 'prefer',
      certificateAuthority: undefined,
    });
    const parts = { PGHOST: '/tmp', POSTGRES_PORT: 5433, PGDATABASE: 'app', PGUSER: 'john', PGPASSWORD: 'secret' };
    expect(settings({ ...parts, PGSSLMODE: 'require' })).toMatchObject({
      host: '/tmp',
      port: 5433,
      database: 'app',
      user: 'john',
      password: 'secret',
      sslMode: 'require',
    });
  });

  it('lets DATABASE_URL win and fills what it leaves out', () => {
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

  it('takes `system` for the authorities of the system, as libpq does', () => {
    expect(settings({ PGHOST: 'h', PGSSLROOTCERT: 'system' })?.certificateAuthority).toBeUndefined();
  });

  it('refuses a certificate authority that cannot be read', () => {
    const read = () => settings({ PGHOST: 'h', PGSSLROOTCERT: join(folder, 'absent.pem') });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(/^PGSSLROOTCERT.*ENOENT.*absent\.pem/);
  });
});
