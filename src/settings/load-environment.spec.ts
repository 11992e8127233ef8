import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../platform/config/configuration-error.js';
import { envExample } from '../../test/support/environment-documents.js';
import { loadEnvironment } from './load-environment.js';
import { EXAMPLE_SECRET_KEY } from '../platform/config/signing-key.js';

const KEY = 'k'.repeat(64);
const production = { SECRET_KEY: KEY, PGHOST: 'localhost', CORS_ORIGINS: '[]' };
const development = { DEBUG: 'True' };

const refusal = (variables: NodeJS.ProcessEnv): string => {
  try {
    loadEnvironment(variables);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('loadEnvironment', () => {
  const workingFolder = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'load-environment-'));
  const write = (name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  beforeAll(() => process.chdir(folder));
  beforeEach(() => rmSync('.env', { force: true }));
  afterAll(() => {
    process.chdir(workingFolder);
    rmSync(folder, { recursive: true });
  });

  describe('the sources of settings', () => {
    it('works without .env', () => {
      expect(loadEnvironment(production)).toMatchObject({ environment: { APP_PORT: 8001 }, warnings: [] });
      const moved = { ...production, APP_PORT: '8002' };
      expect(loadEnvironment(moved).environment.PUBLIC_URL).toBe('http://localhost:8002');
      const PUBLIC_URL = 'https://auth.example';
      expect(loadEnvironment({ ...moved, PUBLIC_URL }).environment.PUBLIC_URL).toBe(PUBLIC_URL);
    });

    it('distinguishes a PUBLIC_URL that is set from one derived from APP_PORT', () => {
      const PUBLIC_URL = 'http://localhost:8001';
      const derived = loadEnvironment(production).environment;
      expect([derived.PUBLIC_URL, derived.isPublicUrlSet]).toEqual([PUBLIC_URL, undefined]);
      expect(loadEnvironment({ ...production, PUBLIC_URL }).environment).toMatchObject({
        PUBLIC_URL,
        isPublicUrlSet: true,
      });
      write('.env', `PUBLIC_URL=${PUBLIC_URL}\n`);
      expect(loadEnvironment(production).environment).toMatchObject({ PUBLIC_URL, isPublicUrlSet: true });
    });

    it('reads .env in the working folder, which the process overrides', () => {
      write('.env', 'APP_PORT=9001\nAPP_NAME=From the file\n');
      expect(loadEnvironment({ ...production, APP_PORT: '9002' })).toMatchObject({
        environment: { APP_PORT: 9002, APP_NAME: 'From the file' },
        warnings: [],
      });
    });

    it('treats an empty value as unset, in the process and in the file', () => {
      write('.env', 'APP_PORT=9001\nAPP_NAME=\nPGPASSWORD=""\n');
      expect(loadEnvironment({ ...production, APP_PORT: '', DATABASE_URL: '' }).environment).toMatchObject({
        APP_PORT: 9001,
        APP_NAME: 'FastAPI Backend',
        PGPASSWORD: undefined,
        DATABASE_URL: undefined,
      });
    });

    it('reads the file that ENV_FILE names instead', () => {
      write('.env', 'APP_PORT=9001\n');
      const ENV_FILE = write('staging', 'APP_NAME=Staging\n');
      const { environment } = loadEnvironment({ ...production, ENV_FILE });
      expect(environment).toMatchObject({ APP_PORT: 8001, APP_NAME: 'Staging', ENV_FILE });
    });

    it('reads a file with Windows line ends', () => {
      const ENV_FILE = write('windows', '\uFEFFAPP_PORT=9001\r\nAPP_NAME="A B"\r\n');
      expect(loadEnvironment({ ...production, ENV_FILE })).toMatchObject({
        environment: { APP_PORT: 9001, APP_NAME: 'A B' },
        warnings: [],
      });
    });

    it('expands variables of the process in values of the file', () => {
      const ENV_FILE = write('variables', 'DATABASE_URL=postgresql://john:${DB_PASSWORD}@db/app\n');
      const { environment } = loadEnvironment({ SECRET_KEY: KEY, ENV_FILE, DB_PASSWORD: 'secret' });
      expect(environment.DATABASE_URL).toBe('postgresql://john:secret@db/app');
    });

    it.each([
      ['is missing', 'absent', undefined],
      ['is a folder', 'folder', undefined],
      ['is no UTF-8', 'utf16', Buffer.from('\uFEFFAPP_PORT=1', 'utf16le')],
    ])('refuses an ENV_FILE that %s', (_, name, content) => {
      if (name === 'folder') mkdirSync(join(folder, name));
      if (content) write(name, content);
      expect(refusal({ ...production, ENV_FILE: name })).toMatch(
        new RegExp(`^The settings file ${name} \\(ENV_FILE\\) cannot be read: .`),
      );
    });
  });

  describe('warnings', () => {
    it('cover unknown names and unreadable lines of the file', () => {
      write('.env', 'POSTGRES_USER=john\nAPP_PORT=9001\nSECRET KEY=hidden\nENV_FILE=staging\n');
      expect(loadEnvironment(production).warnings).toEqual([
        'line 3 of .env is not a setting (NAME=value) and has no effect',
        'POSTGRES_USER in .env is not a setting of this service and has no effect',
        'ENV_FILE in .env has no effect: it is only read from the process',
      ]);
    });

    it('cover the lines of a pasted key without showing them', () => {
      const line = 'qL8vT3xZk1Rm9WcYpUe7HsBnJdFgAo2i';
      write('.env', `${line}=\n`);
      expect(loadEnvironment(production).warnings).toEqual([
        'A name of 32 characters in .env is not a setting of this service and has no effect',
      ]);
    });

    it('do not cover unknown variables of the process', () => {
      expect(loadEnvironment({ ...production, PATH: '/bin', POSTGRES_USER: 'john' }).warnings).toEqual([]);
    });
  });

  describe('refusals', () => {
    it('list every invalid variable in one message, with its value and the expected one', () => {
      write('.env', 'APP_PORT=abc\nTRUST_PROXY=11\n');
      expect(refusal({ ...production, DEBUG: 'maybe', APP_NAME: 'x'.repeat(101), JWT_ALGORITHM: 'no "one"' })).toBe(
        [
          '5 settings are invalid, the service did not start:',
          `  - APP_NAME holds "${'x'.repeat(101)}"; expected 1 to 100 characters`,
          '  - APP_PORT holds "abc"; expected a port from 0 to 65535',
          '  - DEBUG holds "maybe"; expected True or False',
          '  - TRUST_PROXY holds "11"; expected a number of proxies from 0 to 10',
          '  - JWT_ALGORITHM holds "no \\"one\\""; expected HS256, HS384 or HS512',
        ].join('\n'),
      );
    });

    it('do not show secrets, even in an invalid URL', () => {
      const message = refusal({ DATABASE_URL: 'mysql://john:hidden@db/app', SECRET_KEY: KEY, PGPASSWORD: 'hidden' });
      expect(message).toContain(
        '- DATABASE_URL holds **********; expected postgresql://user:password@host:5432/database',
      );
      expect(message).not.toMatch(/hidden|john|kkk/);
      expect(refusal({ ...production, SECRET_KEY: 'hidden' })).not.toContain('hidden');
    });
  });

  describe('SECRET_KEY', () => {
    it.each([
      ['missing', {}, 'it is not set'],
      ['empty', { SECRET_KEY: '' }, 'it is not set'],
      ['a byte short', { SECRET_KEY: 'k'.repeat(31) }, 'it has 31 bytes, but HS256 needs at least 32'],
      [
        'short for HS384',
        { SECRET_KEY: 'k'.repeat(47), JWT_ALGORITHM: 'HS384' },
        'it has 47 bytes, but HS384 needs at least 48',
      ],
      [
        'short for HS512',
        { SECRET_KEY: 'k'.repeat(63), JWT_ALGORITHM: 'HS512' },
        'it has 63 bytes, but HS512 needs at least 64',
      ],
      [
        'documented',
        { SECRET_KEY: '5xQJYZX9cg4yTt1RmKnb8skhmQ45BN_bgfbTpyPo14Q' },
        'it is printed in public documentation',
      ],
      ['the example', { SECRET_KEY: EXAMPLE_SECRET_KEY }, 'it is printed in public documentation'],
    ])('is refused when it is %s, and accepted with a warning if DEBUG is True', (_, variables, weakness) => {
      expect(refusal({ PGHOST: 'localhost', ...variables })).toBe(
        'One setting is invalid, the service did not start:\n' +
          `  - SECRET_KEY cannot be used: ${weakness}. Generate one with \`openssl rand -base64 48\` (DEBUG=True accepts any, for development)`,
      );
      const { environment, warnings } = loadEnvironment({ ...development, ...variables });
      expect(warnings).toEqual([
        expect.stringContaining(
          `SECRET_KEY is not fit for production: ${weakness}; it is accepted because DEBUG is True`,
        ),
      ]);
      expect(environment.SECRET_KEY.length).toBeGreaterThanOrEqual(31);
    });

    it('is generated at each start if it is missing and DEBUG is True, with a warning', () => {
      const { environment, warnings } = loadEnvironment(development);
      expect(warnings[0]).toMatch(/; a random key was generated, and its tokens expire with this process$/);
      expect(Buffer.from(environment.SECRET_KEY, 'base64url')).toHaveLength(64);
      expect(loadEnvironment(development).environment.SECRET_KEY).not.toBe(environment.SECRET_KEY);
    });

    it('is kept if it is weak and DEBUG is True', () => {
      const { environment, warnings } = loadEnvironment({ ...development, SECRET_KEY: 'weak' });
      expect(environment.SECRET_KEY).toBe('weak');
      expect(warnings[0]).not.toContain('generated');
    });

    it('of sufficient length causes no warning', () => {
      expect(loadEnvironment({ ...production, SECRET_KEY: 'k'.repeat(32) }).warnings).toEqual([]);
    });
  });

  describe('SECRET_KEY_PREVIOUS', () => {
    const rotation = { ...production, SECRET_KEY_PREVIOUS: 'p'.repeat(64) };

    it('as strong as SECRET_KEY causes no warning', () => {
      expect(loadEnvironment(rotation)).toMatchObject({
        environment: { SECRET_KEY: KEY, SECRET_KEY_PREVIOUS: 'p'.repeat(64) },
        warnings: [],
      });
    });

    it.each([
      ['a byte short', 'p'.repeat(31), 'HS256', 'it has 31 bytes, but HS256 needs at least 32'],
      ['short for HS512', 'p'.repeat(63), 'HS512', 'it has 63 bytes, but HS512 needs at least 64'],
      ['the example', EXAMPLE_SECRET_KEY, 'HS256', 'it is printed in public documentation'],
    ])(
      'is refused when it is %s, and accepted with a warning if DEBUG is True',
      (_, previous, JWT_ALGORITHM, weakness) => {
        const weak = { ...rotation, SECRET_KEY_PREVIOUS: previous, JWT_ALGORITHM };
        expect(refusal(weak)).toBe(
          'One setting is invalid, the service did not start:\n' +
            `  - SECRET_KEY_PREVIOUS cannot be used: ${weakness}. Remove it. Users with a session that it signed must sign in again (DEBUG=True accepts any, for development)`,
        );
        expect(loadEnvironment({ ...weak, ...development }).warnings).toEqual([
          `SECRET_KEY_PREVIOUS is not fit for production: ${weakness}; it is accepted because DEBUG is True`,
        ]);
      },
    );

    it('equal to SECRET_KEY causes a warning', () => {
      expect(loadEnvironment({ ...rotation, SECRET_KEY_PREVIOUS: KEY }).warnings).toEqual([
        'SECRET_KEY_PREVIOUS is the same as SECRET_KEY and has no effect',
      ]);
    });
  });

  describe('the database', () => {
    it.each([
      ['DATABASE_URL', { DATABASE_URL: 'postgresql://db/app' }],
      ['PGHOST', { PGHOST: 'db' }],
      ['EMBEDDED_POSTGRES=True', { EMBEDDED_POSTGRES: 'True' }],
      ['DEBUG=True', { DEBUG: 'True' }],
    ])('is settled by %s', (_, variables) => {
      expect(refusal({ SECRET_KEY: KEY, ...variables })).toBe('accepted');
    });

    it('must be set otherwise, and the message says how', () => {
      expect(refusal({ SECRET_KEY: KEY, PGUSER: 'john', EMBEDDED_POSTGRES: 'False' })).toMatch(
        /^One setting is invalid.*\n {2}- DATABASE_URL and PGHOST are not set; expected .* EMBEDDED_POSTGRES=True /,
      );
    });
  });

  it('refuses a plain copy of .env.example, for its key and its missing database', () => {
    write('.env', envExample());
    expect(refusal({})).toMatch(/^2 settings are invalid.*\n.*SECRET_KEY cannot be used.*\n.*DATABASE_URL and PGHOST/);
    write('.env', envExample().replace(EXAMPLE_SECRET_KEY, KEY).replace('# PGHOST=', 'PGHOST=db'));
    expect(loadEnvironment({}).warnings).toEqual([]);
  });
});
