import { ConfigurationError } from '../platform/config/configuration-error.js';
import { examineEnvironment } from './load-environment.js';

const settings = { SECRET_KEY: 'k'.repeat(64), PGHOST: 'localhost', ENV_FILE: '/dev/null' };

describe('examineEnvironment', () => {
  it('reports no problem for settings that the service would start with', () => {
    const { environment, problems, unreadable } = examineEnvironment(settings);
    expect([problems, [...unreadable]]).toEqual([[], []]);
    expect(environment).toMatchObject({ APP_PORT: 8001, PGHOST: 'localhost' });
  });

  it('replaces an invalid setting by its default and continues', () => {
    const { environment, problems, unreadable } = examineEnvironment({
      ...settings,
      APP_PORT: 'x',
      DATABASE_URL: 'mysql://john:hidden@db/app',
      SECRET_KEY: 'short',
      WORKERS: '4',
    });
    expect(environment).toMatchObject({ APP_PORT: 8001, DATABASE_URL: undefined, SECRET_KEY: 'short', WORKERS: 4 });
    expect([...unreadable]).toEqual(['APP_PORT', 'DATABASE_URL']);
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['APP_PORT', 'DATABASE_URL', 'SECRET_KEY']);
    expect(problems.join()).not.toContain('hidden');
  });

  it('does not report a missing database if its URL is invalid', () => {
    const { problems } = examineEnvironment({ ...settings, PGHOST: '', DATABASE_URL: 'mysql://db/app' });
    expect(problems).toEqual(['DATABASE_URL holds **********; expected postgresql://user:password@host:5432/database']);
  });

  it('does not generate a missing key', () => {
    expect(examineEnvironment({ ...settings, SECRET_KEY: '', DEBUG: 'True' }).environment.SECRET_KEY).toBeUndefined();
  });

  it('throws for a settings file that cannot be read', () => {
    expect(() => examineEnvironment({ ...settings, ENV_FILE: '/nowhere' })).toThrow(ConfigurationError);
  });

  it('distinguishes settings that are set from defaults', () => {
    const { given } = examineEnvironment({ ...settings, APP_PORT: '8001', APP_NAME: '' });
    expect([...given]).toEqual(expect.arrayContaining(['APP_PORT', 'SECRET_KEY', 'PGHOST']));
    expect(given.has('APP_NAME')).toBe(false);
    expect(given.has('CORS_ORIGINS')).toBe(false);
  });
});

describe('CORS_ORIGINS', () => {
  const DEFAULTS =
    'CORS_ORIGINS is not set, so the documented default origins apply: http://localhost:3000, http://192.168.0.112:3000. Set it to the origins of your applications, or to []';

  it.each([
    ['causes a warning in production when it is not set', {}, [DEFAULTS]],
    ['causes a warning in production when it is empty', { CORS_ORIGINS: '' }, [DEFAULTS]],
    ['passes in silence when it is set', { CORS_ORIGINS: '["https://app.example"]' }, []],
    ['passes in silence when it is an empty list', { CORS_ORIGINS: '[]' }, []],
    [
      'passes in silence when the defaults are chosen',
      { CORS_ORIGINS: '["http://localhost:3000","http://192.168.0.112:3000"]' },
      [],
    ],
    ['passes in silence in development', { DEBUG: 'True' }, []],
  ])('%s', (_what, variables, warnings) => {
    expect(examineEnvironment({ ...settings, ...variables }).warnings).toEqual(warnings);
  });

  it('is refused with a wildcard in an origin, with the reason', () => {
    const { problems } = examineEnvironment({ ...settings, CORS_ORIGINS: '["*","https://*.example.com"]' });
    expect(problems).toEqual([
      'CORS_ORIGINS holds "[\\"*\\",\\"https://*.example.com\\"]"; expected a JSON list of origins such as ["https://app.example.com"], without a path or a trailing slash, but "https://*.example.com" has a wildcard, which is not supported: list each origin',
    ]);
    const [other] = examineEnvironment({ ...settings, CORS_ORIGINS: '["https://a.example/"]' }).problems;
    expect(other).toMatch(/without a path or a trailing slash$/);
  });
});
