import { ConfigurationError } from './configuration-error.js';
import { examineEnvironment } from './load-environment.js';

const settings = { SECRET_KEY: 'k'.repeat(64), PGHOST: 'localhost', ENV_FILE: '/dev/null' };

describe('examineEnvironment', () => {
  it('finds nothing wrong where the service would start', () => {
    const { environment, problems, unreadable } = examineEnvironment(settings);
    expect([problems, [...unreadable]]).toEqual([[], []]);
    expect(environment).toMatchObject({ APP_PORT: 8001, PGHOST: 'localhost' });
  });

  it('puts the default in the place of what is wrong, and goes on', () => {
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

  it('does not call a database missing whose URL cannot be read', () => {
    const { problems } = examineEnvironment({ ...settings, PGHOST: '', DATABASE_URL: 'mysql://db/app' });
    expect(problems).toEqual(['DATABASE_URL holds **********; expected postgresql://user:password@host:5432/database']);
  });

  it('leaves a missing key missing', () => {
    expect(examineEnvironment({ ...settings, SECRET_KEY: '', DEBUG: 'True' }).environment.SECRET_KEY).toBeUndefined();
  });

  it('gives up on a settings file that cannot be read', () => {
    expect(() => examineEnvironment({ ...settings, ENV_FILE: '/nowhere' })).toThrow(ConfigurationError);
  });
});
