import { parsePostgresUrl } from './postgres-url.js';

const NOTHING = {
  host: undefined,
  port: undefined,
  database: undefined,
  user: undefined,
  password: undefined,
  sslMode: undefined,
  sslRootCertificate: undefined,
};

describe('parsePostgresUrl', () => {
  const whole = { ...NOTHING, host: 'db.example', port: 6432, database: 'app', user: 'john', password: 'secret' };

  it.each(['postgres', 'postgresql', 'postgresql+asyncpg', 'postgresql+psycopg2', 'postgres+psycopg'])(
    'reads a URL of the scheme %s',
    (scheme) => {
      expect(parsePostgresUrl(`${scheme}://john:secret@db.example:6432/app`)).toEqual(whole);
    },
  );

  it.each([
    ['postgresql://', NOTHING],
    ['postgresql://h', { ...NOTHING, host: 'h' }],
    ['postgresql://h/', { ...NOTHING, host: 'h' }],
    ['postgresql:///app', { ...NOTHING, database: 'app' }],
    ['postgresql://john@h', { ...NOTHING, host: 'h', user: 'john' }],
    ['postgresql://john:@h', { ...NOTHING, host: 'h', user: 'john' }],
  ])('leaves out what %s leaves out', (text, expected) => {
    expect(parsePostgresUrl(text)).toEqual(expected);
  });

  it.each([
    ['postgresql://john:p%40s%2Fs%3A%23%25@h/d', 'p@s/s:#%'],
    ['postgresql://john:p%C3%A9@h/d', 'pé'],
    ['postgresql://john:pé@h/d', 'pé'],
    ['postgresql://john:p@ss@h/d', 'p@ss'],
    ['postgresql://john:p+s@h/d', 'p+s'],
    ["postgresql://john:p's!$&()*,;=@h/d", "p's!$&()*,;="],
  ])('reads the password of %s', (text, password) => {
    expect(parsePostgresUrl(text)).toEqual({ ...NOTHING, host: 'h', database: 'd', user: 'john', password });
  });

  it('decodes names', () => {
    expect(parsePostgresUrl('postgresql://jo%40hn@h/my%20db')).toMatchObject({ user: 'jo@hn', database: 'my db' });
  });

  it.each([
    ['postgresql://[::1]:5433/d', '::1', 5433],
    ['postgresql://john:secret@[2001:db8::1]/d', '2001:db8::1', undefined],
    ['postgresql://192.0.2.1/d', '192.0.2.1', undefined],
  ])('reads the address of %s', (text, host, port) => {
    expect(parsePostgresUrl(text)).toMatchObject({ host, port, database: 'd' });
  });

  it.each([
    'postgresql:///d?host=/var/run/postgresql',
    'postgresql://%2Fvar%2Frun%2Fpostgresql/d',
    'postgresql+psycopg2://@/d?host=/var/run/postgresql',
  ])('reads the socket of %s', (text) => {
    expect(parsePostgresUrl(text)).toEqual({ ...NOTHING, host: '/var/run/postgresql', database: 'd' });
  });

  it('reads a user and a password before a socket, as SQLAlchemy writes them', () => {
    expect(parsePostgresUrl('postgresql+psycopg2://john:secret@/d?host=/tmp&port=5433')).toEqual({
      ...NOTHING,
      host: '/tmp',
      port: 5433,
      database: 'd',
      user: 'john',
      password: 'secret',
    });
    expect(parsePostgresUrl('postgresql://john@?host=/tmp')).toEqual({ ...NOTHING, host: '/tmp', user: 'john' });
  });

  it('lets a parameter win over its place in the URL', () => {
    const text = 'postgresql://a:b@c:1/d?user=john&password=secret&host=db.example&port=6432&dbname=app';
    expect(parsePostgresUrl(text)).toEqual(whole);
  });

  it.each(['disable', 'prefer', 'require', 'verify-ca', 'verify-full'])('reads sslmode=%s, and ssl alike', (mode) => {
    expect(parsePostgresUrl(`postgresql://h/d?sslmode=${mode}`)?.sslMode).toBe(mode);
    expect(parsePostgresUrl(`postgresql+asyncpg://h/d?ssl=${mode}`)?.sslMode).toBe(mode);
  });

  it('reads sslrootcert and ignores what it does not know', () => {
    const text = 'postgresql://h/d?sslrootcert=/etc/ca.pem&channel_binding=require&application_name=x';
    expect(parsePostgresUrl(text)).toEqual({ ...NOTHING, host: 'h', database: 'd', sslRootCertificate: '/etc/ca.pem' });
  });

  it.each([
    ['nothing', ''],
    ['another scheme', 'mysql://h/d'],
    ['no scheme', 'john:secret@h/d'],
    ['a scheme without slashes', 'postgresql:h/d'],
    ['a port that is too large', 'postgresql://h:65536/d'],
    ['a port that is none', 'postgresql://h:x/d'],
    ['a port parameter that is none', 'postgresql://h/d?port=x'],
    ['a port parameter that is too large', 'postgresql://h/d?port=65536'],
    ['several hosts', 'postgresql://h1:5432,h2:5432/d'],
    ['an open bracket', 'postgresql://[::1/d'],
    ['a bare # in the password', 'postgresql://john:pa#ss@h/d'],
    ['a wrong escape in the password', 'postgresql://john:50%@h/d'],
    ['an escape that is no UTF-8', 'postgresql://john:%FF@h/d'],
    ['a misspelt sslmode', 'postgresql://h/d?sslmode=verify_full'],
    ['an sslmode of another library', 'postgresql://h/d?sslmode=no-verify'],
  ])('refuses %s', (_, text) => {
    expect(parsePostgresUrl(text)).toBeUndefined();
  });
});
