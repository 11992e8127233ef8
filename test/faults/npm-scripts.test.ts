import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { isRunning } from '../../src/platform/processes/process-identity.js';
import { signedIn } from '../support/accounts.js';
import { findProgram } from '../support/programs.js';
import { ServiceBuild, ServiceProcess, variablesOf } from '../support/service-process.js';
import { slowRequest } from '../support/slow-request.js';
import { TEST_SECRET } from '../support/test-app.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

/** Starts npm in a new process group, like a terminal or a service manager. */
function npm(folder: string, args: string[], variables: Record<string, string>) {
  const env = { PATH: process.env.PATH, HOME: folder, npm_config_update_notifier: 'false', ...variables };
  const child = spawn('npm', args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  return { child, run: new ServiceProcess(child) };
}

/** Waits for output; npm may have exited while the program that it started still writes. */
const written = (run: ServiceProcess, pattern: RegExp) => until(() => pattern.test(run.output));

describe('npm start', () => {
  let build: ServiceBuild;
  let database: DatabaseSettings;
  let group = 0;

  beforeAll(async () => {
    build = await ServiceBuild.make();
    database = await createDatabase();
  });
  afterEach(() => {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // All processes have ended.
    }
  });
  afterAll(async () => {
    build.remove();
    await dropDatabase(database);
  });

  async function started(variables: Record<string, string> = {}) {
    const settings = { APP_HOST: '127.0.0.1', APP_PORT: '0', SECRET_KEY: TEST_SECRET, DRAIN_DELAY_MS: '0' };
    const { child, run } = npm(build.folder, ['start'], {
      ...variablesOf(database),
      ...settings,
      BCRYPT_ROUNDS: '10',
      DRAIN_SECONDS: '60',
      DB_STATEMENT_TIMEOUT_MS: '60000',
      ...variables,
    });
    group = child.pid ?? 0;
    const url = await run.ready();
    const [, pid = ''] = await run.said(/"pid":(\d+),"url"/);
    return { child, run, url, pid: Number(pid) };
  }

  const shells = ['sh', 'dash', 'bash'].map(findProgram).filter((shell) => shell !== undefined);

  it.each(shells)('drains and exits if only npm gets SIGTERM, with %s as its shell', async (shell) => {
    const { child, run, url, pid } = await started({ npm_config_script_shell: shell });
    const { token } = await signedIn(url);
    const { answer, release } = await slowRequest(database, url, token);
    child.kill('SIGTERM');
    await written(run, /no longer listening/);
    expect(isRunning(pid)).toBe(true);
    await release();
    expect((await answer).status).toBe(200);
    await written(run, /"msg":"stopped"/);
    await until(() => !isRunning(pid));
    expect(run.output).not.toContain('again');
  });

  it('drains once when Ctrl-C reaches npm, its shell and the service', async () => {
    const { run, url, pid } = await started();
    const { token } = await signedIn(url);
    const { answer, release } = await slowRequest(database, url, token);
    process.kill(-group, 'SIGINT');
    await written(run, /no longer listening/);
    // Longer than the interval at which the parent is checked, and than the time in which two signals count as one.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(isRunning(pid)).toBe(true);
    await release();
    expect((await answer).status).toBe(200);
    await written(run, /"msg":"stopped"/);
    expect(run.output.match(/"stopping: /g)).toHaveLength(1);
  });

  it('exits while it is still waiting for the database', async () => {
    const { child, run } = npm(build.folder, ['start'], {
      ...variablesOf({ ...database, port: 1 }),
      APP_HOST: '127.0.0.1',
      APP_PORT: '0',
      SECRET_KEY: TEST_SECRET,
    });
    group = child.pid ?? 0;
    const [line] = await run.said(/\{.*waiting for PostgreSQL.*\}/);
    const { pid } = JSON.parse(line) as { pid: number };
    child.kill('SIGTERM');
    await until(() => !isRunning(pid));
  });
});

/** Replaces Nest's command: prints its arguments and received signals, and exits a moment after a signal. */
const NEST = `
process.on('SIGTERM', () => { console.log('nest: SIGTERM'); setTimeout(() => process.exit(0), 600); });
process.on('SIGINT', () => { console.log('nest: SIGINT'); setTimeout(() => process.exit(0), 600); });
console.log('nest ' + process.argv.slice(2).join(' ') + ' as ' + process.pid);
setInterval(() => undefined, 1000);
`;

describe('npm run dev', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'npm-dev-'));
    const bin = join(folder, 'node_modules', '@nestjs', 'cli', 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'nest.js'), NEST);
    mkdirSync(join(folder, 'scripts'));
    cpSync('scripts/dev.mjs', join(folder, 'scripts', 'dev.mjs'));
    cpSync('package.json', join(folder, 'package.json'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each<[string, (pid: number) => void, string]>([
    ['only npm gets SIGTERM', (pid) => process.kill(pid, 'SIGTERM'), 'SIGTERM'],
    ['Ctrl-C reaches all processes', (pid) => process.kill(-pid, 'SIGINT'), 'SIGINT'],
  ])('sends Nest one signal if %s', async (_what, stop, signal) => {
    const { child, run } = npm(folder, ['run', 'dev'], {});
    const [, pid = ''] = await run.said(/nest start --watch --no-shell as (\d+)/);
    stop(child.pid ?? 0);
    await written(run, new RegExp(`nest: ${signal}`));
    await until(() => !isRunning(Number(pid)));
    await run.ended;
    expect(run.output.match(/nest: SIG/g)).toHaveLength(1);
  });
});
