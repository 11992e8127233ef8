import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../src/doctor/diagnose.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { Doctor, production, stranger } from '../support/doctor-process.js';
import { createDatabase, dropDatabase, urlOf } from '../support/test-databases.js';

// Each test starts Node several times, possibly on a machine with one core.
jest.setTimeout(60_000);

let doctor: Doctor;
let database: DatabaseSettings;

const findings = (more: Record<string, string> = {}) => doctor.findings(production(database, more));

beforeAll(async () => {
  [doctor, database] = await Promise.all([Doctor.make(), createDatabase()]);
});
afterAll(async () => {
  doctor.remove();
  await dropDatabase(database);
});

describe('the doctor with invalid settings', () => {
  it('reports them as failures and runs the other checks', async () => {
    const { exitCode, said } = await doctor.findings({
      APP_PORT: 'x',
      DATABASE_URL: 'mysql://h/d',
      ENV_FILE: 'nowhere',
      LOG_DIR: '/dev/null/logs',
    });
    expect(exitCode).toBe(1);
    expect(said.settings?.split('\n')).toEqual([
      expect.stringMatching(/^fail: The settings file nowhere \(ENV_FILE\) cannot be read/),
      'fail: APP_PORT holds "x"; expected a port from 0 to 65535',
      'fail: DATABASE_URL holds **********; expected postgresql://user:password@host:5432/database',
    ]);
    expect(said).toMatchObject({
      database: 'info: not checked: DATABASE_URL cannot be read',
      'secret-key': 'fail: SECRET_KEY cannot be used: it is not set',
      'log-dir': 'fail: LOG_DIR cannot be written: /dev/null is not a folder',
      node: expect.stringContaining(process.versions.node) as string,
    });
  });

  it('reports a missing certificate authority', async () => {
    const { said } = await findings({ PGSSLROOTCERT: '/nowhere.pem' });
    expect(said.database).toMatch(/^fail: PGSSLROOTCERT names a file that cannot be read/);
  });

  it('refuses an unknown option and names it', async () => {
    const { exitCode, stderr } = await doctor.run({}, '--yaml');
    expect([exitCode, stderr.split('\n')[0]]).toEqual([78, 'doctor has no option --yaml.']);
  });
});

describe('the doctor and other servers', () => {
  it('times out on a database that is down or does not answer', async () => {
    const silent = await stranger();
    const unanswered = await findings({ DATABASE_URL: urlOf({ ...database, port: silent.port }) });
    await silent.leave();
    const away = await findings({ DATABASE_URL: urlOf({ ...database, port: silent.port }) });
    for (const { exitCode, said } of [unanswered, away]) {
      expect([exitCode, said.database]).toEqual([
        1,
        expect.stringMatching(/^fail: PostgreSQL at 127\.0\.0\.1:\d+\/\w+ did not answer within 2 s/),
      ]);
      expect(said.backups).toBeDefined();
    }
  });

  it('distinguishes this service from another program on its port', async () => {
    const service = doctor.build.start(production(database));
    const url = await service.ready();
    const ours = await findings({ APP_PORT: new URL(url).port });
    await service.stop();
    expect(ours.said.port).toBe(`pass: this service answers on 127.0.0.1:${new URL(url).port}`);
    const theirs = await stranger('HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{"version":"9.9"}');
    const { port } = theirs;
    const { said } = await findings({ APP_PORT: String(port), REDIS_URL: `redis://127.0.0.1:${port}` });
    await theirs.leave();
    expect(said.port).toBe(`fail: another program listens on 127.0.0.1:${port}`);
    expect(said.redis).toBe(`pass: Redis at 127.0.0.1:${port} accepts connections`);
    const gone = await findings({ APP_PORT: String(port), REDIS_URL: `redis://127.0.0.1:${port}` });
    expect(gone.said.port).toBe(`pass: 127.0.0.1:${port} is free`);
    expect(gone.said.redis).toBe(
      `warn: Redis at 127.0.0.1:${port} does not answer: each process limits requests separately`,
    );
  });
});

describe('secrets in settings', () => {
  it('are never printed by the doctor, for valid and invalid settings', async () => {
    const canary = () => `canary${randomBytes(24).toString('hex')}`;
    const wrong = {
      DATABASE_URL: urlOf({ ...database, password: canary() }),
      REDIS_URL: `redis://u:${canary()}@127.0.0.1:1`,
    };
    const unreadable = {
      DATABASE_URL: `mysql://u:${canary()}@h/d`,
      REDIS_URL: `canary://${canary()}`,
      METRICS_TOKEN: 'canary-short',
    };
    writeFileSync(
      join(doctor.folder, '.env'),
      `canary of ${canary()}\nPGPASSWORD=${canary()}\n${canary().toUpperCase()}aB=\n`,
      { mode: 0o644 },
    );
    for (const more of [{}, wrong, unreadable]) {
      const variables = production(database, {
        SECRET_KEY: canary(),
        SECRET_KEY_PREVIOUS: canary(),
        METRICS_TOKEN: canary(),
        ...more,
      });
      for (const options of [[], ['--json']]) {
        const { stdout, stderr } = await doctor.run(variables, ...options);
        expect(stdout.length).toBeGreaterThan(1000);
        expect(stdout + stderr).not.toMatch(new RegExp(`canary|${database.password}`, 'i'));
      }
    }
    const { said } = await findings({ ENV_FILE: join(doctor.folder, '.env') });
    expect(said['settings-file-mode']).toMatch(/^warn: every account of this machine may read .*\.env \(mode 0644\)$/);
    expect(said['settings-without-effect']?.split('\n')).toEqual([
      expect.stringMatching(/^warn: line 1 of .*\.env is not a setting/),
      expect.stringMatching(/^warn: A name of \d+ characters in .*\.env is not a setting/),
    ]);
    rmSync(join(doctor.folder, '.env'));
  });
});

describe('the backups check of the doctor', () => {
  it('looks for complete backups in BACKUP_DIR', async () => {
    const BACKUP_DIR = join(doctor.folder, 'backups');
    const says = async () => (await findings({ BACKUP_DIR })).said.backups;
    expect(await says()).toMatch(/^fail: BACKUP_DIR cannot be read: ENOENT/);
    mkdirSync(join(BACKUP_DIR, 'folder'), { recursive: true });
    for (const name of ['.hidden', 'x.dump.partial', 'x.dump.sha256']) writeFileSync(join(BACKUP_DIR, name), 'x');
    expect(await says()).toBe(`fail: there is no backup in ${BACKUP_DIR}`);
    writeFileSync(join(BACKUP_DIR, 'auth.dump'), 'PGDMP', { mode: 0o600 });
    expect(await says()).toMatch(/^pass: auth\.dump is 0 hours old, 1 kept/);
    rmSync(BACKUP_DIR, { recursive: true });
  });
});

describe('doctor --json', () => {
  it('prints an array of findings in a stable format', async () => {
    const { stdout } = await doctor.run(production(database), '--json');
    for (const finding of JSON.parse(stdout) as Finding[]) {
      expect(finding).toEqual({
        group: expect.stringMatching(/^[A-Z]\w+$/) as string,
        check: expect.stringMatching(/^[a-z]+(-[a-z]+)*$/) as string,
        level: expect.stringMatching(/^(pass|info|warn|fail)$/) as string,
        found: expect.stringMatching(/./) as string,
        ...(finding.remedy === undefined ? {} : { remedy: expect.stringMatching(/./) as string }),
      });
    }
  });
});
