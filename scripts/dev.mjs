/**
 * `npm run dev`: the service, compiled and started again at each change of a source. npm's shell ends at SIGTERM without
 * passing it on, so this watches its parent; Nest's command passes a signal on to the service and waits for it.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const nest = fileURLToPath(new URL('../node_modules/@nestjs/cli/bin/nest.js', import.meta.url));
const parent = process.ppid;

// Without a shell between them the signal reaches the service itself.
const child = spawn(process.execPath, [nest, 'start', '--watch', '--no-shell'], { stdio: 'inherit' });
child.on('error', (error) => fail(error));
child.on('exit', (code) => process.exit(code ?? 1));

const watch = setInterval(() => {
  if (!isStillParent()) stop();
}, 200);
process.on('SIGTERM', stop);
// A terminal sends it to the service as well: a second signal later on would cut its drain short.
process.on('SIGINT', () => clearInterval(watch));

function stop() {
  clearInterval(watch);
  child.kill('SIGTERM');
}

/** Windows keeps the number of a parent that has ended; elsewhere an orphan is given another parent. */
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
