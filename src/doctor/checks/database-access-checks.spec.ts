import { type Changes, said } from '../../../test/support/healthy-facts.js';

const development = { settings: { DEBUG: 'True' } };
const url = (text: string) => ({ settings: { DATABASE_URL: text } });

describe('database-password', () => {
  it.each([
    ['postgres', 'fail: the password of the database is one that everybody tries'],
    ['Password', 'fail: the password of the database is one that everybody tries'],
    ['change-me', 'fail: the password of the database is one that everybody tries'],
    ['accounts', 'fail: the password of the database is the name of the role or of the database'],
    ['keeper', 'fail: the password of the database is the name of the role or of the database'],
    ['x7Kp2', 'warn: the password of the database has 5 characters'],
    ['x7Kp2mQ9vL4w', 'pass: 12 characters'],
  ])('%s', (password, expected) => {
    expect(said('database-password', url(`postgresql://keeper:${password}@db/accounts`))).toEqual([expected]);
  });

  it('that is missing fails over TCP, and is right over a Unix socket', () => {
    const without = url('postgresql://auth@db/accounts');
    expect(said('database-password', without)).toEqual(['fail: no password is set for the database']);
    expect(said('database-password', { ...without, database: { address: undefined } })).toEqual([
      'pass: the account of this machine, over a Unix socket',
    ]);
  });

  it('is a warning under DEBUG', () => {
    const settings = { ...url('postgresql://auth:postgres@db/accounts').settings, DEBUG: 'True' };
    expect(said('database-password', { settings })).toEqual([
      'warn: the password of the database is one that everybody tries',
    ]);
  });
});

describe('database-authentication', () => {
  it.each<[string, Changes['database'], string]>([
    ['SCRAM', {}, 'pass: the server asks for SCRAM proof of the password'],
    ['MD5', { authentication: 'md5' }, 'warn: the server asks for an MD5 hash of the password'],
    ['clear text inside TLS', { authentication: 'cleartext' }, 'info: the server asks for the password itself'],
    [
      'clear text in the open',
      { authentication: 'cleartext', tls: undefined },
      'fail: the server asks for the password itself, on a connection that others can read',
    ],
    [
      'clear text on this machine',
      { authentication: 'cleartext', tls: undefined, address: '127.0.0.1' },
      'info: the server asks for the password itself',
    ],
    [
      'nothing',
      { authentication: 'none' },
      'fail: the server asks for nothing: everybody who reaches it is in (trust)',
    ],
    [
      'nothing, on a Unix socket',
      { authentication: 'none', address: undefined },
      'pass: the system vouches for the account (peer), or the socket is trusted',
    ],
  ])('%s', (_, database, expected) => {
    expect(said('database-authentication', { database })).toEqual([expected]);
  });
});

describe('database-role', () => {
  it.each<[string, Changes, string]>([
    ['an ordinary role', {}, 'pass: auth is an ordinary role'],
    [
      'the owner',
      { server: { ownsDatabase: true } },
      'info: auth owns the database, so that a start can run migrations',
    ],
    [
      'more rights',
      { server: { spareRights: ['CREATEDB', 'pg_read_server_files'] } },
      'warn: auth has rights that the service does not need: CREATEDB, pg_read_server_files',
    ],
    [
      'rights of before strict.sql was run again',
      { schema: { mayWriteMigrations: true } },
      'warn: auth owns no table, and may write schema_migrations, the list of the migrations that have run',
    ],
    [
      'a superuser',
      { server: { isSuperuser: true } },
      'fail: auth is a superuser: one injected statement has the whole server',
    ],
    [
      'a superuser under DEBUG',
      { server: { isSuperuser: true }, ...development },
      'warn: auth is a superuser: one injected statement has the whole server',
    ],
  ])('%s', (_, changes, expected) => {
    expect(said('database-role', changes)).toEqual([expected]);
  });
});
