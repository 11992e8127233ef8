import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Environment, VARIABLES } from '../../src/settings/environment.js';
import { loadEnvironment } from '../../src/settings/load-environment.js';
import { describeWith, findProgram } from '../support/programs.js';

const UNITS = ['nest-auth-backend.service', 'nest-auth-backend-backup.service', 'nest-auth-backend-backup.timer'];
const WORKERS = 'nest-auth-backend.service.d/workers.conf';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deploy-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const shipped = (file: string): string => readFileSync(join('deploy', file), 'utf8');

/** Runs a program that checks a file. */
function check(program: string, ...parameters: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(findProgram(program) ?? program, parameters, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe('deploy/', () => {
  const known = new Set([...VARIABLES.map(({ name }) => name), 'NODE_ENV', 'PM2_HOME']);
  const environment: Environment = loadEnvironment({ DEBUG: 'True', ENV_FILE: '/dev/null' }).environment;

  it('sets only known settings', () => {
    const app = /\n {2}app:\n([^]*?)\n {2}\w/.exec(shipped('compose.yaml'))?.[1] ?? '';
    const block = /\n {4}environment:\n([^]*?)\n {4}\w/.exec(app)?.[1] ?? '';
    const units = UNITS.slice(0, 2).map((unit) => shipped(`systemd/${unit}`));
    const names = [
      ...block.matchAll(/^ {6}(\w+):/gm),
      ...shipped('Dockerfile').matchAll(/^(?:ENV| +) ?([A-Z_]+)=/gm),
      ...[...units, shipped(`systemd/${WORKERS}`)].join('\n').matchAll(/^Environment=(\w+)=/gm),
    ].map((match) => match[1] ?? '');
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each([
    ['compose.yaml', /stop_grace_period: (\d+)s/],
    ['systemd/nest-auth-backend.service', /TimeoutStopSec=(\d+)/],
    [`systemd/${WORKERS}`, /TimeoutStopSec=(\d+)/],
  ])('allows more time than a drain takes in %s', (file, pattern) => {
    // PM2 kills a process four seconds after the drain.
    expect(Number(pattern.exec(shipped(file))?.[1])).toBeGreaterThan(environment.DRAIN_SECONDS + 4);
  });

  it('lets nginx close idle connections in half the time after which a stopping process closes them', () => {
    const [, seconds] = /^upstream .*?keepalive_timeout (\d+)s;/ms.exec(shipped('nginx/site.conf.template')) ?? [];
    expect(Number(seconds) * 1000).toBeLessThanOrEqual(environment.DRAIN_DELAY_MS / 2);
  });

  it('builds the image without settings, history, tests and local node_modules', () => {
    const [first, ...rest] = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => !/^(#|$)/.test(line));
    expect(first).toBe('*');
    expect(rest.filter((line) => /env$|\.git|node_modules|^!test/.test(line))).toEqual([]);
    const copied = [...shipped('Dockerfile').matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, files = '']) =>
      files.split(' '),
    );
    const allowed = rest.map((line) => line.replace(/^!/, ''));
    expect(copied.filter((file) => !allowed.some((path) => path === file || path.startsWith(`${file}/`)))).toEqual([]);
    expect(copied.filter((file) => !existsSync(file))).toEqual([]);
  });
});

describeWith('shellcheck')('the shell scripts in deploy/', () => {
  it.each(readdirSync('deploy').filter((file) => file.endsWith('.sh')))('pass shellcheck: %s', (file) => {
    expect(check('shellcheck', join('deploy', file))).toEqual({ status: 0, output: '' });
  });
});

describeWith('systemd-analyze', 'systemd')('the units in deploy/systemd', () => {
  /** Copies the units. Replaces the programs that they start, which may not be installed here. */
  function placeUnits(): void {
    cpSync('deploy/systemd', folder, { recursive: true });
    for (const file of [...UNITS, WORKERS]) {
      const unit = readFileSync(join(folder, file), 'utf8').replace(/^(Exec\w+=)\S+/gm, '$1/bin/true');
      writeFileSync(join(folder, file), unit);
    }
  }

  it.each(UNITS)('are valid: %s', (unit) => {
    placeUnits();
    expect(check('systemd-analyze', 'verify', '--man=no', join(folder, unit))).toEqual({ status: 0, output: '' });
  });

  it.each(UNITS.slice(0, 2))('are sandboxed: %s', (unit) => {
    placeUnits();
    const { status } = check('systemd-analyze', 'security', '--offline=yes', '--threshold=20', join(folder, unit));
    expect(status).toBe(0);
  });
});

describeWith('logrotate')('deploy/logrotate', () => {
  /** A unique name, so that no running service on this machine gets the signal. */
  const program = `main${process.pid}`;

  /** Writes the shipped file with the folder, user and program of this test. */
  function place(): string {
    const file = join(folder, 'logrotate.conf');
    const { username } = userInfo();
    const text = shipped('logrotate/nest-auth-backend')
      .replaceAll('/var/log/nest-auth-backend', join(folder, 'logs'))
      .replaceAll(/^ +su auth auth$/gm, '')
      .replaceAll('create 0640 auth auth', 'create 0640')
      .replaceAll('-u auth ', `-u ${username} `)
      .replaceAll('main\\.js', `${program}\\.js`);
    writeFileSync(file, text, { mode: 0o644 });
    return file;
  }

  it('is valid', () => {
    const { status, output } = check('logrotate', '--debug', '--state', join(folder, 'state'), place());
    expect([status, output.includes('error')]).toEqual([0, false]);
  });

  it('rotates the files and sends every process of the service one signal', async () => {
    mkdirSync(join(folder, 'logs'));
    for (const name of ['access.log', 'error.log']) writeFileSync(join(folder, 'logs', name), 'a line\n');
    mkdirSync(join(folder, 'dist'));
    const source = `process.on('SIGHUP', () => { console.log('SIGHUP'); process.exit(); });\nconsole.log('up'); setInterval(() => {}, 1000);`;
    writeFileSync(join(folder, 'dist', `${program}.js`), source);
    // With a relative path as under systemd, and with an absolute path as under PM2.
    const children = [`dist/${program}.js`, join(folder, 'dist', `${program}.js`)].map((file) =>
      spawn(process.execPath, [file], { argv0: 'node', cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    await Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
    const outputs = Promise.all(children.map(async ({ stdout }) => String((await once(stdout, 'data'))[0])));
    execFileSync(findProgram('logrotate') ?? '', ['--force', '--state', join(folder, 'state'), place()]);
    expect(await outputs).toEqual(['SIGHUP\n', 'SIGHUP\n']);
    expect(readdirSync(join(folder, 'logs'))).toEqual([
      'access.log',
      expect.stringMatching(/^access\.log-\d{8}-\d+$/),
      'error.log',
      expect.stringMatching(/^error\.log-\d{8}-\d+$/),
    ]);
  });
});
