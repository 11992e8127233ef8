import { examineEnvironment } from '../../settings/load-environment.js';

const outside = { SECRET_KEY: 'k'.repeat(64), ENV_FILE: '/dev/null', DATABASE_URL: 'postgresql://h/d' };

const problemsOf = (variables: Record<string, string>) => examineEnvironment({ ...outside, ...variables }).problems;

describe('variables of libpq that are not settings', () => {
  it.each([
    'PGHOSTADDR',
    'PGSERVICE',
    'PGSERVICEFILE',
    'PGTARGETSESSIONATTRS',
    'PGLOADBALANCEHOSTS',
    'PGCHANNELBINDING',
    'PGREQUIREAUTH',
    'PGREQUIREPEER',
    'PGREQUIRESSL',
    'PGSSLNEGOTIATION',
    'PGSSLCOMPRESSION',
    'PGSSLCERTMODE',
    'PGSSLCRL',
    'PGSSLCRLDIR',
    'PGSSLSNI',
    'PGSSLMINPROTOCOLVERSION',
    'PGSSLMAXPROTOCOLVERSION',
    'PGMINPROTOCOLVERSION',
    'PGMAXPROTOCOLVERSION',
    'PGGSSENCMODE',
    'PGKRBSRVNAME',
    'PGGSSLIB',
    'PGGSSDELEGATION',
    'PGCLIENTENCODING',
    'PGDATESTYLE',
    'PGTZ',
    'PGGEQO',
  ])('%s is refused by its name', (name) => {
    const [problem, ...others] = problemsOf({ [name]: 'hidden' });
    expect(problem).toMatch(new RegExp(`^${name} is not supported: `));
    expect(problem).not.toContain('hidden');
    expect(others).toEqual([]);
  });

  it('are accepted if their values change nothing', () => {
    const variables = {
      PGGSSENCMODE: 'disable',
      PGTARGETSESSIONATTRS: 'any',
      PGCHANNELBINDING: 'prefer',
      PGSSLSNI: '1',
    };
    expect(problemsOf(variables)).toEqual([]);
  });

  it('have no effect on the embedded PostgreSQL', () => {
    expect(problemsOf({ DATABASE_URL: '', DEBUG: 'True', PGSSLCRL: 'x' })).toEqual([]);
  });
});

describe('DATABASE_POOL_MODE=transaction', () => {
  const transaction = { ...outside, CORS_ORIGINS: '[]', DATABASE_POOL_MODE: 'transaction' };
  const DATABASE_DIRECT_URL = 'postgresql://h:5433/d';

  it('turns off jobs without DATABASE_DIRECT_URL, with a warning', () => {
    const { environment, warnings, problems } = examineEnvironment(transaction);
    expect(environment.WORKER).toBe('off');
    expect(warnings).toEqual([expect.stringMatching(/^this process runs no jobs .* jobs need DATABASE_DIRECT_URL/)]);
    expect(problems).toEqual([]);
  });

  it('leaves jobs on with DATABASE_DIRECT_URL', () => {
    const { environment, warnings } = examineEnvironment({ ...transaction, DATABASE_DIRECT_URL });
    expect([environment.WORKER, warnings]).toEqual(['embedded', []]);
  });

  it('does not warn if the process runs no jobs anyway', () => {
    expect(examineEnvironment({ ...transaction, WORKER: 'off' }).warnings).toEqual([]);
  });

  it('refuses a process that would only run jobs', () => {
    expect(examineEnvironment({ ...transaction, WORKER: 'only' }).problems).toEqual([
      expect.stringMatching(/^WORKER=only runs jobs.* expected DATABASE_DIRECT_URL/),
    ]);
    expect(examineEnvironment({ ...transaction, WORKER: 'only', DATABASE_DIRECT_URL }).problems).toEqual([]);
  });
});

describe('DATABASE_DIRECT_URL', () => {
  it('is refused without DATABASE_URL', () => {
    const DATABASE_DIRECT_URL = 'postgresql://h/d';
    expect(problemsOf({ DATABASE_URL: '', DEBUG: 'True', DATABASE_DIRECT_URL })).toEqual([
      'DATABASE_DIRECT_URL is set and DATABASE_URL is not; expected both, or DATABASE_URL alone',
    ]);
    expect(problemsOf({ DATABASE_URL: 'mysql://h/d', DATABASE_DIRECT_URL })).toHaveLength(1);
  });
});

describe('an invalid URL', () => {
  it('is explained without showing any part of it', () => {
    expect(problemsOf({ DATABASE_URL: 'postgresql://john:ha@lf@db.example/app' })).toEqual([
      'DATABASE_URL holds **********; expected postgresql://user:password@host:5432/database, but its password contains an unescaped @: write %40 instead',
    ]);
  });
});

describe('PGPORT', () => {
  it('is read if POSTGRES_PORT is absent', () => {
    expect(examineEnvironment({ ...outside, PGPORT: '6432' }).environment.POSTGRES_PORT).toBe(6432);
    const both = { ...outside, PGPORT: '6432', POSTGRES_PORT: '5433' };
    expect(examineEnvironment(both).environment.POSTGRES_PORT).toBe(5433);
  });
});
