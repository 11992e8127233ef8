import { existsSync, chmodSync, mkdirSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvironment } from '../../src/settings/load-environment.js';
import { Checkout } from '../support/checkout.js';

const BUILD = 'npm run --silent build';
const INSTALL = expect.stringMatching(/^npm ci --include=dev /) as string;
const isRoot = process.getuid?.() === 0;
/** An account without privileges: root may write to a folder whatever its permission bits are. */
const account = isRoot ? { uid: 65_534, gid: 65_534 } : undefined;

describe('./start.sh', () => {
  let checkout: Checkout;

  beforeEach(() => {
    checkout = new Checkout();
  });
  afterEach(() => checkout.remove());

  it('installs, builds, writes a .env and starts the service in a fresh clone', async () => {
    const run = await checkout.start();
    expect(run).toMatchObject({ ended: 0, stderr: '', calls: [INSTALL, BUILD] });
    expect(run.stdout).toContain(`service in ${checkout.folder}\n`);
    expect(statSync(checkout.path('.env')).mode & 0o777).toBe(0o600);
    const settings = { ENV_FILE: checkout.path('.env'), JWT_ALGORITHM: 'HS512' };
    expect(loadEnvironment(settings)).toMatchObject({ environment: { DEBUG: true }, warnings: [] });
  });

  it('generates a different secret in every clone', async () => {
    await checkout.start();
    const first = checkout.read('.env');
    rmSync(checkout.path('.env'));
    await checkout.start();
    expect(checkout.read('.env')).not.toBe(first);
  });

  it('only starts the service the second time', async () => {
    await checkout.start();
    const file = checkout.read('.env');
    expect(await checkout.start()).toEqual({
      ended: 0,
      stdout: `service in ${checkout.folder}\n`,
      stderr: '',
      calls: [],
    });
    expect(checkout.read('.env')).toBe(file);
  });

  it.each<[string, (clone: Checkout) => void, unknown[]]>([
    ['a package is missing', (clone) => rmSync(clone.path('node_modules/thing'), { recursive: true }), [INSTALL]],
    ['an installation was interrupted', (clone) => rmSync(clone.path('node_modules/.package-lock.json')), [INSTALL]],
    ['the lock file requires another version', lockAnotherVersion, [INSTALL, BUILD]],
    ['a source is newer', (clone) => touchLater(clone.path('src/main.js')), [BUILD]],
    ['a source was removed', (clone) => touchLater(clone.path('src')), [BUILD]],
    ['a compiler setting is newer', (clone) => touchLater(clone.path('package.json')), [BUILD]],
    ['a build was interrupted', (clone) => rmSync(clone.path('dist/fastapi'), { recursive: true }), [BUILD]],
  ])('repeats only the necessary steps when %s', async (_, change, calls) => {
    await checkout.start();
    change(checkout);
    expect(await checkout.start()).toMatchObject({ ended: 0, calls });
  });

  it('works from any folder, through a symbolic link to a symbolic link', async () => {
    const elsewhere = join(checkout.place, 'some folder');
    mkdirSync(elsewhere);
    symlinkSync('../clone/start.sh', join(elsewhere, 'first'));
    symlinkSync('first', join(elsewhere, 'a link'));
    const run = await checkout.start({ cwd: elsewhere, command: './a link' });
    expect(run.stdout).toContain(`service in ${checkout.folder}\n`);
    expect(existsSync(checkout.path('.env'))).toBe(true);
  });

  it('leaves an existing .env alone', async () => {
    checkout.write('.env', 'DEBUG=False\n');
    expect(await checkout.start()).toMatchObject({ ended: 0 });
    expect(checkout.read('.env')).toBe('DEBUG=False\n');
  });

  it.each(['SECRET_KEY', 'ENV_FILE'])('writes no .env when %s is set', async (name) => {
    expect(await checkout.start({ variables: { [name]: 'given' } })).toMatchObject({ ended: 0 });
    expect(existsSync(checkout.path('.env'))).toBe(false);
  });

  it('forwards signals to the service and exits with its exit code', async () => {
    await checkout.start();
    expect(await checkout.start({ variables: { EXIT: '78' } })).toMatchObject({ ended: 78 });
    const stopped = await checkout.start({ variables: { STAY: 'yes' }, onOutput: (kill) => kill('SIGTERM') });
    expect(stopped.ended).toBe(0);
  });

  it.each(['18.20.8', '20.18.3', '21.7.3', '22.11.0'])(
    'refuses Node.js %s with a one-line message',
    async (version) => {
      checkout.pretendNode(version);
      expect(await checkout.start()).toEqual({
        ended: 1,
        stdout: '',
        stderr: `start.sh: Node.js ${version} is not supported: use 20.19, 22.12 or newer; 24 is recommended (https://nodejs.org).\n`,
        calls: [],
      });
    },
  );

  it.each(['20.19.0', '22.12.0', '23.0.0', '24.1.0', '100.0.0'])('accepts Node.js %s', async (version) => {
    checkout.pretendNode(version);
    expect(await checkout.start()).toMatchObject({ ended: 0, stderr: '' });
  });

  it.each(['node', 'npm'])('reports in one line that %s is missing', async (program) => {
    checkout.removeProgram(program);
    const run = await checkout.start();
    expect(run).toMatchObject({ ended: 1, stdout: '', calls: [] });
    expect(run.stderr).toMatch(/^start\.sh: (Node\.js|npm) is not installed, or not on the PATH\. .*nodejs\.org.*\n$/);
  });

  it('reports in one line that node does not run', async () => {
    checkout.addProgram('node', '#!/bin/sh\nexit 127\n');
    const run = await checkout.start();
    expect(run).toMatchObject({ ended: 1, stdout: '', calls: [] });
    expect(run.stderr).toMatch(/^start\.sh: .*\/node does not run\. .*\n$/);
  });

  it.each([
    ['ci', 'npm ci failed, see the error above. Is the package registry reachable?'],
    ['run', 'the build failed, see the error above.'],
  ])('stops when npm %s fails', async (command, line) => {
    const run = await checkout.start({ variables: { FAIL: command } });
    expect(run).toMatchObject({ ended: 1, stderr: `npm error as expected\nstart.sh: ${line}\n` });
    expect(existsSync(checkout.path('.env'))).toBe(false);
  });

  it.each([
    ['installed', [], 'where the packages are installed.'],
    ['built', ['node_modules'], 'where the service is built into the folder dist.'],
    ['configured', ['node_modules', 'dist'], 'where a .env with a new secret is created.'],
  ])('reports in one line that a read-only folder cannot be %s', async (_, kept, reason) => {
    await checkout.start();
    for (const made of ['node_modules', 'dist', '.env']) {
      if (!kept.includes(made)) rmSync(checkout.path(made), { recursive: true });
    }
    chmodSync(checkout.folder, 0o555);
    const run = await checkout.start({ account });
    chmodSync(checkout.folder, 0o755);
    expect(run).toMatchObject({ ended: 1, stdout: '', calls: [] });
    expect(run.stderr).toMatch(/^start\.sh: \S+ cannot write to .*\/clone, (.*)\n$/);
    expect(run.stderr).toContain(reason);
  });

  it('starts from a read-only folder when installation, build and .env exist', async () => {
    await checkout.start();
    chmodSync(checkout.folder, 0o555);
    const run = await checkout.start({ account });
    chmodSync(checkout.folder, 0o755);
    expect(run).toMatchObject({ ended: 0, stderr: '' });
  });
});

function touchLater(file: string): void {
  const later = new Date(Date.now() + 60_000);
  utimesSync(file, later, later);
}

function lockAnotherVersion(clone: Checkout): void {
  clone.write('package-lock.json', clone.read('package-lock.json').replace('1.0.0', '1.0.1'));
  touchLater(clone.path('package-lock.json'));
}
