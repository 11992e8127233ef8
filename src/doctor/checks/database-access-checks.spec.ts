import { type Changes, said } from '../../../test/support/healthy-facts.js';

const development = { settings: { DEBUG: 'True' } };
const url = (text: string) => ({ settings: { DATABASE_URL: text } });

describe('database-password', () => {
  it.each([
    ['postgres', 'fail: the password of the database is a common password'],
    ['Password', 'fail: the password of the database is a common password'],
    ['change-me', 'fail: the password of the database is a common password'],
    ['accounts', 'fail: the password of the database is the name of the role or of the database'],
    ['keeper', 'fail: the password of the database is the name of the role or of the database'],
    ['x7Kp2', 'warn: the password of the database has 5 characters'],
    ['x7Kp2mQ9vL4w', 'pass: 12 characters'],
  ])('%s', (password, expected) => {
    expect(said('database-password', url(`postgresql://keeper:${password}@db/accounts`))).toEqual([expected]);
  });

  it('fails without a password over TCP, and passes over a Unix socket', () => {
    const without = url('postgresql://auth@db/accounts');
    expect(said('database-password', without)).toEqual(['fail: the database connection has no password']);
    expect(said('database-password', { ...without, database: { address: undefined } })).toEqual([
      'pass: no password: a Unix socket authenticates the operating system account',
    ]);
  });

  it('only warns with DEBUG', () => {
    const settings = { ...url('postgresql://auth:postgres@db/accounts').settings, DEBUG: 'True' };
    expect(said('database-password', { settings })).toEqual([
      'warn: the password of the database is a common password',
    ]);
  });
});

describe('database-authentication', () => {
  it.each<[string, Changes['database'], string]>([
    ['SCRAM', {}, 'pass: the server requires a SCRAM proof of the password'],
    ['MD5', { authentication: 'md5' }, 'warn: the server requires an MD5 hash of the password'],
    ['clear text with TLS', { authentication: 'cleartext' }, 'info: the server requires the password itself'],
    [
      'clear text without TLS',
      { authentication: 'cleartext', tls: undefined },
      'fail: the server requires the password itself, on an unencrypted connection',
    ],
    [
      'clear text on this machine',
      { authentication: 'cleartext', tls: undefined, address: '127.0.0.1' },
      'info: the server requires the password itself',
    ],
    [
      'nothing',
      { authentication: 'none' },
      'fail: the server requires no password: anyone who can reach it has access (trust)',
    ],
    [
      'nothing, on a Unix socket',
      { authentication: 'none', address: undefined },
      'pass: the operating system identifies the account (peer), or the socket is trusted',
    ],
  ])('%s', (_, database, expected) => {
    expect(said('database-authentication', { database })).toEqual([expected]);
  });
});

describe('database-role', () => {
  it.each<[string, Changes, string]>([
    ['an ordinary role', {}, 'pass: auth is an ordinary role'],
    ['the owner', { server: { ownsDatabase: true } }, 'info: auth owns the database, so a start can run migrations'],
    [
      'more rights',
      { server: { spareRights: ['CREATEDB', 'pg_read_server_files'] } },
      'warn: auth has rights that the service does not need: CREATEDB, pg_read_server_files',
    ],
    [
      'rights from before strict.sql was run again',
      { schema: { mayWriteMigrations: true } },
      'warn: auth owns no table, but may write schema_migrations, the list of executed migrations',
    ],
    [
      'a superuser',
      { server: { isSuperuser: true } },
      'fail: auth is a superuser: an injected statement controls the whole server',
    ],
    [
      'a superuser under DEBUG',
      { server: { isSuperuser: true }, ...development },
      'warn: auth is a superuser: an injected statement controls the whole server',
    ],
  ])('%s', (_, changes, expected) => {
    expect(said('database-role', changes)).toEqual([expected]);
  });
});
