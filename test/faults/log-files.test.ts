import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { PASSWORD, register } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { accessLines, parseLines } from '../support/log-lines.js';
import { describeWith, findProgram } from '../support/programs.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';
import { until } from '../support/until.js';

jest.setTimeout(60_000);

const LOGROTATE = findProgram('logrotate') ?? '';

let build: ServiceBuild;
let database: DatabaseSettings;
let folder: string;
let running: ServiceProcess[] = [];

beforeAll(async () => {
  build = await ServiceBuild.make();
  database = await createDatabase();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logs-'));
});
afterEach(async () => {
  for (const service of running) service.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  running = [];
  rmSync(folder, { recursive: true, force: true });
});
afterAll(async () => {
  await dropDatabase(database);
  build.remove();
});

function start(variables: Record<string, string>): ServiceProcess {
  const service = build.start({ ...variablesOf(database), BCRYPT_ROUNDS: '10', ...variables });
  running.push(service);
  return service;
}

const file = (name: string) => join(folder, 'nested', 'logs', name);
const linesOf = (name: string): string[] => readFileSync(file(name), 'utf8').split('\n').slice(0, -1);
const startWithFiles = () => start({ LOG_DIR: join(folder, 'nested', 'logs') });

async function ask(url: string, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) expect((await send(url, '/health/live')).status).toBe(200);
}

describe('the log without LOG_DIR', () => {
  it('consists of JSON lines on stdout only', async () => {
    const service = start({ LOG_LEVEL: 'debug', RATE_LIMIT: 'off' });
    const url = await service.ready();
    await register(url);
    await send(url, '/api/v1/auth/login-json', { body: { username: 'nobody', password: PASSWORD } });
    for (const path of ['/', '/docs', '/openapi.json', '/nowhere', '/health', '/metrics']) await send(url, path);
    expect(await service.stop()).toBe(0);
    expect(service.message).toBe('');
    expect(accessLines(service.lines)).toHaveLength(8);
    expect(parseLines(service.lines).at(-1)).toMatchObject({ msg: 'stopped' });
  });

  it('ignores SIGHUP', async () => {
    const service = start({});
    const url = await service.ready();
    service.kill('SIGHUP');
    await ask(url, 3);
    expect(await service.stop()).toBe(0);
    expect(accessLines(service.lines)).toHaveLength(3);
  });
});

describe('the log with LOG_DIR', () => {
  it('writes requests to access.log, warnings to error.log and everything else to stdout', async () => {
    const service = startWithFiles();
    const url = await service.ready();
    await register(url);
    await query(
      database,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND datname = current_database()`,
    );
    await until(() => linesOf('error.log').some((line) => line.includes('an idle connection was lost')));
    expect(await service.stop()).toBe(0);
    expect(accessLines(service.lines)).toEqual([]);
    expect(accessLines(linesOf('access.log'))).toMatchObject([{ route: '/api/v1/auth/register', status: 200 }]);
    const warnings = service.lines.filter((line) => parseLines([line]).some(({ level }) => level >= 40));
    expect(linesOf('error.log')).toEqual(warnings);
    expect(parseLines(service.lines).at(-1)).toMatchObject({ msg: 'stopped' });
    expect(statSync(file('access.log')).mode & 0o777).toBe(0o640);
  });

  it('appends to existing files, also from several processes', async () => {
    mkdirSync(join(folder, 'nested', 'logs'), { recursive: true });
    writeFileSync(file('access.log'), '{"msg":"of yesterday"}\n');
    const services = [startWithFiles(), startWithFiles(), startWithFiles()];
    const urls = await Promise.all(services.map((service) => service.ready()));
    await Promise.all(urls.map((url) => ask(url, 40)));
    await Promise.all(services.map((service) => service.stop()));
    const lines = parseLines(linesOf('access.log'));
    expect(lines[0]).toEqual({ msg: 'of yesterday' });
    expect(lines).toHaveLength(121);
  });

  it('creates new files after SIGHUP, even if the folder is gone', async () => {
    const service = startWithFiles();
    const url = await service.ready();
    await ask(url, 2);
    rmSync(join(folder, 'nested'), { recursive: true });
    await ask(url, 2);
    expect(existsSync(file('access.log'))).toBe(false);
    service.kill('SIGHUP');
    await service.said(/re-opened the log files/);
    await ask(url, 3);
    await until(() => linesOf('access.log').length === 3);
    expect(existsSync(file('error.log'))).toBe(true);
  });

  it('keeps its open files, and logs it, if the new files cannot be opened', async () => {
    const service = startWithFiles();
    const url = await service.ready();
    rmSync(join(folder, 'nested'), { recursive: true });
    writeFileSync(join(folder, 'nested'), 'in the way');
    service.kill('SIGHUP');
    await service.said(
      /access\.log cannot be re-opened, and lines still go to the old file: E\w+[^]*error\.log cannot be/,
    );
    await ask(url, 3);
    expect(await service.stop()).toBe(0);
  });

  it('makes the start exit with 78 if the folder or a file cannot be used', async () => {
    const under = start({ LOG_DIR: '/dev/null/logs' });
    expect(await under.ended).toBe(78);
    expect(under.message).toMatch(
      /^LOG_DIR cannot be used: \/dev\/null\/logs\/access\.log cannot be written: E\w+: .*\n$/,
    );
    mkdirSync(file('error.log'), { recursive: true });
    const taken = startWithFiles();
    expect(await taken.ended).toBe(78);
    expect(taken.message).toMatch(/^LOG_DIR cannot be used: .*error\.log cannot be written: EISDIR: .*\n$/);
  });
});

describeWith('logrotate')('logrotate', () => {
  it('loses no line', async () => {
    const service = startWithFiles();
    const url = await service.ready();
    const config = join(folder, 'logrotate.conf');
    const script = `postrotate\n kill -HUP ${service.pid}\n endscript`;
    const options = { mode: 0o600 };
    writeFileSync(
      config,
      `${file('*.log')} {\n rotate 9\n missingok\n notifempty\n sharedscripts\n ${script}\n}\n`,
      options,
    );
    for (let round = 1; round <= 3; round += 1) {
      await ask(url, 5);
      const rotating = promisify(execFile)(LOGROTATE, ['--force', '--state', join(folder, 'state'), config]);
      await Promise.all([rotating, ask(url, 25)]);
      await until(() => service.lines.filter((line) => line.includes('re-opened the log files')).length === round);
    }
    await ask(url, 1);
    await service.stop();
    const names = ['access.log', 'access.log.1', 'access.log.2', 'access.log.3'];
    expect(parseLines(names.flatMap(linesOf))).toHaveLength(91);
  });
});
