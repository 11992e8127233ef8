import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** Programs that start.sh runs besides node and npm. */
const TOOLS = ['sh', 'find', 'id', 'rm', 'mkdir', 'cat'];

/** A fake npm: records its arguments and creates the files of the real one. Fails if FAIL names the command. */
const NPM = `#!/bin/sh
echo "npm $*" >>../calls.txt
[ "\${FAIL:-}" != "$1" ] || { echo "npm error as expected" >&2; exit 1; }
case $1 in
ci) rm -rf node_modules; mkdir -p node_modules/thing; cat package-lock.json >node_modules/.package-lock.json; echo '{}' >node_modules/thing/package.json ;;
run) mkdir -p dist/fastapi/docs-pages; cat src/main.js >dist/main.js; : >dist/fastapi/docs-pages/redoc.standalone.js ;;
esac
`;

/** A fake service: prints its folder, and exits on SIGTERM or with the code in EXIT. */
const SERVICE = `
process.on('SIGTERM', () => process.exit(0));
console.log('service in ' + process.cwd());
if (process.env.STAY) setInterval(() => {}, 1000);
else process.exit(Number(process.env.EXIT ?? 0));
`;

const LOCK = { packages: { '': {}, 'node_modules/thing': { version: '1.0.0' } } };

export interface StartRun {
  /** Exit code, or the name of the signal. */
  ended: number | string | null;
  stdout: string;
  stderr: string;
  /** The npm commands that ran, in order. */
  calls: string[];
}

export interface StartOptions {
  /** The command; by default the script in the checkout. */
  command?: string;
  cwd?: string;
  variables?: Record<string, string>;
  account?: { uid: number; gid: number };
  /** Called with the process once it has written something. */
  onOutput?: (kill: (signal: NodeJS.Signals) => void) => void;
}

/** A clone with start.sh and its scripts, and with fakes of npm and the service: no network, no compiler. */
export class Checkout {
  /** The folder of the checkout and of the programs on its PATH. */
  readonly place = mkdtempSync(join(tmpdir(), 'start-sh-'));
  readonly folder = join(this.place, 'clone');
  private readonly bin = join(this.place, 'bin');

  constructor() {
    mkdirSync(join(this.folder, 'src'), { recursive: true });
    mkdirSync(this.bin);
    chmodSync(this.place, 0o755);
    cpSync('start.sh', join(this.folder, 'start.sh'));
    cpSync('scripts', join(this.folder, 'scripts'), { recursive: true });
    this.write('package.json', '{"type":"module"}');
    this.write('package-lock.json', JSON.stringify(LOCK));
    this.write('src/main.js', SERVICE);
    for (const tool of TOOLS) this.addProgram(tool, `#!/bin/sh\nPATH=/usr/bin:/bin exec ${tool} "$@"\n`);
    symlinkSync(process.execPath, join(this.bin, 'node'));
    this.addProgram('npm', NPM);
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  write(file: string, content: string): void {
    writeFileSync(this.path(file), content);
  }

  read(file: string): string {
    return readFileSync(this.path(file), 'utf8');
  }

  addProgram(name: string, script: string): void {
    rmSync(join(this.bin, name), { force: true });
    writeFileSync(join(this.bin, name), script, { mode: 0o755 });
  }

  removeProgram(name: string): void {
    rmSync(join(this.bin, name));
  }

  /** Replaces node with a wrapper that reports another version. */
  pretendNode(version: string): void {
    this.addProgram(
      'node',
      `#!/bin/sh\n[ "$1" != --version ] || { echo v${version}; exit; }\nexec ${process.execPath} "$@"\n`,
    );
  }

  async start({ command = this.path('start.sh'), cwd = this.place, ...options }: StartOptions = {}): Promise<StartRun> {
    const log = join(this.place, 'calls.txt');
    rmSync(log, { force: true });
    const env = { PATH: this.bin, ...options.variables };
    const child = spawn('/bin/sh', [command], { cwd, env, ...options.account, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.once('data', () => options.onOutput?.((signal) => child.kill(signal)));
    const [stdout, stderr, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null, string | null]>,
    ]);
    const calls = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
    return { ended: code ?? signal, stdout, stderr, calls };
  }

  remove(): void {
    rmSync(this.place, { recursive: true, force: true });
  }
}
