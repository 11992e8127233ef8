import { SSL_MODES } from './connection-parameters.js';
import { parsePostgresUrl, PostgresUrlError, problemOfPostgresUrl } from './postgres-url.js';

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
  ])('returns undefined for the missing parts of %s', (text, expected) => {
    expect(parsePostgresUrl(text)).toEqual(expected);
  });

  it.each([
    ['postgresql://john:p%40s%2Fs%3A%23%25@h/d', 'p@s/s:#%'],
    ['postgresql://john:p%C3%A9@h/d', 'pé'],
    ['postgresql://john:pé@h/d', 'pé'],
    ['postgresql://john:p%40ss@h/d', 'p@ss'],
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

  it('prefers a parameter to the corresponding part of the URL', () => {
    const text = 'postgresql://a:b@c:1/d?user=john&password=secret&host=db.example&port=6432&dbname=app';
    expect(parsePostgresUrl(text)).toEqual(whole);
  });

  it.each(SSL_MODES)('reads sslmode=%s, also as ssl', (mode) => {
    expect(parsePostgresUrl(`postgresql://h/d?sslmode=${mode}`).sslMode).toBe(mode);
    expect(parsePostgresUrl(`postgresql+asyncpg://h/d?ssl=${mode}`).sslMode).toBe(mode);
  });

  it('reads ssl=true as libpq does', () => {
    expect(parsePostgresUrl('postgresql://h/d?ssl=true').sslMode).toBe('require');
  });

  it('reads every parameter that the service supports', () => {
    const text =
      'postgresql://h/d?sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem&sslpassword=p%26q&options=-csearch_path%3Dshop' +
      '&application_name=x&fallback_application_name=y&connect_timeout=7&keepalives=0&keepalives_idle=30';
    expect(parsePostgresUrl(text)).toEqual({
      ...NOTHING,
      host: 'h',
      database: 'd',
      sslRootCertificate: '/ca.pem',
      sslCertificate: '/c.pem',
      sslKey: '/k.pem',
      sslPassphrase: 'p&q',
      options: '-csearch_path=shop',
      applicationName: 'x',
      fallbackApplicationName: 'y',
      connectTimeoutSeconds: 7,
      keepAlive: false,
      keepAliveIdleSeconds: 30,
    });
  });

  it.each([
    'gssencmode=prefer',
    'gssencmode=disable',
    'channel_binding=prefer',
    'target_session_attrs=any',
    'client_encoding=utf8',
    'sslnegotiation=postgres',
    'sslsni=1',
    'load_balance_hosts=disable',
    'ssl_min_protocol_version=TLSv1.2',
    'uselibpqcompat=true',
    'sslcrl=',
  ])('accepts %s, which changes nothing', (parameter) => {
    expect(parsePostgresUrl(`postgresql://h/d?${parameter}`)).toEqual({ ...NOTHING, host: 'h', database: 'd' });
  });

  it.each([
    'hostaddr',
    'passfile',
    'service',
    'servicefile',
    'target_session_attrs',
    'load_balance_hosts',
    'channel_binding',
    'require_auth',
    'requirepeer',
    'requiressl',
    'sslnegotiation',
    'sslcompression',
    'sslcertmode',
    'sslcrl',
    'sslcrldir',
    'sslsni',
    'sslkeylogfile',
    'ssl_min_protocol_version',
    'ssl_max_protocol_version',
    'min_protocol_version',
    'max_protocol_version',
    'gssencmode',
    'krbsrvname',
    'gsslib',
    'gssdelegation',
    'client_encoding',
    'keepalives_interval',
    'keepalives_count',
    'tcp_user_timeout',
    'replication',
    'scram_client_key',
    'oauth_client_secret',
    'pgbouncer',
    'schema',
    'connection_limit',
    'statement_cache_size',
    'anything-else',
  ])('refuses %s by name, and does not show its value', (name) => {
    const problem = problemOfPostgresUrl(`postgresql://h/d?sslmode=require&${name}=hidden`);
    expect(problem).toContain(`its parameter ${name} is not supported: `);
    expect(problem).not.toContain('hidden');
  });

  it.each([
    ['postgresql://h/d?host=a,b', /its parameter host names several hosts/],
    ['postgresql://a,b/d', /its host names several hosts/],
    ['postgresql://a:5432,b:5432/d', /its host names several hosts/],
    ['postgresql://h/d?port=5432,5433', /its parameter port is not a number from 1 to 65535/],
    [
      'postgresql://h/d?sslmode=verify_full',
      /its parameter sslmode is not one of disable, allow, prefer, require, verify-ca/,
    ],
    ['postgresql://h/d?sslmode=no-verify', /its parameter sslmode is not one of/],
    ['postgresql://h/d?connect_timeout=soon', /its parameter connect_timeout is not a number/],
    ['postgresql://h/d?keepalives=yes', /its parameter keepalives is not 0 or 1/],
    ['postgresql://h/d?options=-csearch_path', /its parameter options contains something other than -c name=value/],
    ['postgresql://h/d?options=endpoint%3Dhidden', /its parameter options contains something other than -c name=value/],
    ['postgresql://h/d?options=-cstatement_timeout%3D1', /sets statement_timeout: set DB_STATEMENT_TIMEOUT_MS/],
    ['postgresql://h/d?options=--datestyle%3DGerman', /sets datestyle: the service needs ISO/],
  ])('refuses %s', (text, problem) => {
    expect(problemOfPostgresUrl(text)).toMatch(problem);
    expect(problemOfPostgresUrl(text)).not.toContain('hidden');
  });

  describe('names the part that contains an unescaped character', () => {
    it.each([
      ['postgresql://john:ha#lf@h/d', 'its password contains an unescaped #: write %23 instead'],
      ['postgresql://john:ha%lf@h/d', 'its password contains an unescaped %: write %25 instead'],
      ['postgresql://john:ha@lf@h/d', 'its password contains an unescaped @: write %40 instead'],
      ['postgresql://john:ha/lf@h/d', 'its password contains an unescaped /: write %2F instead'],
      ['postgresql://john:ha?lf@h/d', 'its password contains an unescaped ?: write %3F instead'],
      ['postgresql://john:1234/lf@h/d', 'its password contains an unescaped /: write %2F instead'],
      ['postgresql://john:1234?lf@h/d', 'its password contains an unescaped ?: write %3F instead'],
      ['postgresql://john:ha@lf/rest@h/d', 'its password contains an unescaped @: write %40 instead'],
      ['postgresql://john:half%@h/d', 'its password contains an unescaped %: write %25 instead'],
      ['postgresql://john:%FFhalf@h/d', 'its password contains an escape that is not UTF-8; write a literal % as %25'],
      ['postgresql://john:half%00@h/d', 'its password contains the character NUL'],
      ['postgresql://jo@hn:half@h/d', 'its user name contains an unescaped @: write %40 instead'],
      ['postgresql://jo#hn:half@h/d', 'its user name contains an unescaped #: write %23 instead'],
      ['postgresql://jo%hn:half@h/d', 'its user name contains an unescaped %: write %25 instead'],
      ['postgresql://john:half@h#x/d', 'its host contains an unescaped #: write %23 instead'],
      ['postgresql://john:half@h%x/d', 'its host contains an unescaped %: write %25 instead'],
      ['postgresql://john:half@h/d#x', 'its database contains an unescaped #: write %23 instead'],
      ['postgresql://john:half@h/d%x', 'its database contains an unescaped %: write %25 instead'],
      ['postgresql://h/d?password=ha%lf', 'its parameter password contains an unescaped %: write %25 instead'],
      ['postgresql://h/d?user=jo@hn', 'its query contains an unescaped @: write %40 instead'],
      ['postgresql://h/d?password=ha#lf', 'its query contains an unescaped #: write %23 instead'],
      ['postgresql://h/d?password=ha&lf=x', 'its parameter number 2 is not supported: it is unknown: remove it'],
      [
        'postgresql://john:half/d',
        'its port is not a number from 1 to 65535; a user name and a password must be followed by @',
      ],
      ['postgresql://john:secret@::1/d', 'its host contains more than one colon: an IPv6 address must be in brackets'],
    ])('%s', (text, problem) => {
      expect(problemOfPostgresUrl(text)).toBe(problem);
    });
  });

  it.each([
    ['an empty string', ''],
    ['another scheme', 'mysql://h/d'],
    ['no scheme', 'john:secret@h/d'],
    ['a scheme without slashes', 'postgresql:h/d'],
    ['a port that is too large', 'postgresql://h:65536/d'],
    ['an invalid port', 'postgresql://h:x/d'],
    ['an invalid port parameter', 'postgresql://h/d?port=x'],
    ['a port parameter that is too large', 'postgresql://h/d?port=65536'],
    ['an open bracket', 'postgresql://[::1/d'],
  ])('refuses %s', (_, text) => {
    expect(() => parsePostgresUrl(text)).toThrow(PostgresUrlError);
  });
});
