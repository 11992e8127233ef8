/**
 * `npm run dev`: recompiles and restarts the service whenever a source file changes. npm's shell exits on SIGTERM without
 * forwarding it, so this script watches its parent. Nest's command forwards signals to the service and waits for it.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const nest = fileURLToPath(new URL('../node_modules/@nestjs/cli/bin/nest.js', import.meta.url));
const parent = process.ppid;

// --no-shell: the signal reaches the service itself.
const child = spawn(process.execPath, [nest, 'start', '--watch', '--no-shell'], { stdio: 'inherit' });
child.on('error', (error) => fail(error));
child.on('exit', (code) => process.exit(code ?? 1));

const watch = setInterval(() => {
  if (!isStillParent()) stop();
}, 200);
process.on('SIGTERM', stop);
// A terminal also sends SIGINT to the service: a second signal would cut the drain short.
process.on('SIGINT', () => clearInterval(watch));

function stop() {
  clearInterval(watch);
  child.kill('SIGTERM');
}

/** Windows keeps the process id of a parent that has ended; other systems give an orphan another parent. */
function isStillParent() {
  if (process.platform !== 'win32') return process.ppid === parent;
  try {
    return process.kill(parent, 0);
  } catch {
    return false;
  }
}

function fail(error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
