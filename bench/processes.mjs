import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Starts a Node program and waits until it answers on its port. */
export async function startServer(file, environment) {
  const started = performance.now();
  const child = spawn(process.execPath, [here(file)], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${environment.APP_PORT}`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode}`);
    try {
      await fetch(`${url}/health`);
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  const readyMs = performance.now() - started;
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  };
  return { url, readyMs, stop, rssMb: () => rssMb(child.pid), cpuSeconds: () => cpuSeconds(child.pid) };
}

/** Resident memory in megabytes, as Linux reports it. */
function rssMb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

/** CPU seconds of all threads of the process; Linux counts in hundredths of a second. */
function cpuSeconds(pid) {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(afterName[11]) + Number(afterName[12])) / 100;
}

/** Runs the load generator once. */
export async function load(options) {
  const { stdout } = await run(process.execPath, [here('load.mjs'), JSON.stringify(options)], { maxBuffer: 1 << 24 });
  const result = JSON.parse(stdout);
  if (result.non2xx || result.errors || result.timeouts) throw new Error(`some requests of the load failed: ${stdout}`);
  return result;
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
