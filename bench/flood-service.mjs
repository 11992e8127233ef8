import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const FRONT_PORT = 18110;
const WORKER_PORTS = [18111, 18112];

/**
 * Starts two processes of the service, behind nginx if it is installed. Without nginx the clients alternate between the
 * processes, which see the client addresses directly.
 */
export async function startService(folder, settings) {
  const proxied = spawnSync('nginx', ['-v']).error === undefined;
  const workers = [];
  try {
    for (const port of WORKER_PORTS) {
      workers.push(await startWorker({ ...settings, APP_PORT: String(port), TRUST_PROXY: proxied ? '1' : '0' }));
    }
  } catch (error) {
    for (const { child } of workers) child.kill('SIGKILL');
    throw error;
  }
  const nginx = proxied ? await startNginx(folder) : undefined;
  return {
    workers,
    proxied,
    urls: proxied ? [`http://127.0.0.1:${FRONT_PORT}`] : WORKER_PORTS.map((port) => `http://127.0.0.1:${port}`),
    processes: { service: workers.map(({ child }) => child.pid), nginx: nginx ? withChildren(nginx.pid) : [] },
    stop: async () => {
      nginx?.kill('SIGTERM');
      for (const { child } of workers) {
        child.kill('SIGTERM');
        if (child.exitCode === null) await once(child, 'exit');
      }
    },
  };
}

async function startWorker(settings) {
  const child = spawn(process.execPath, ['--import', here('flood-probe.mjs'), here('../dist/main.js')], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the service ended with ${code}`);
  });
  ended.catch(() => undefined);
  const message = async () => (await Promise.race([once(child, 'message'), ended]))[0];
  while ((await message()) !== 'ready');
  return {
    child,
    rssMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024,
    beginProbe: () => child.send('begin'),
    endProbe: async () => {
      const report = message();
      child.send('end');
      return report;
    },
  };
}

/** Like deploy/nginx without TLS: nginx keeps upstream connections and sets the client address itself. */
async function startNginx(folder) {
  mkdirSync(join(folder, 'nginx'), { recursive: true });
  const file = join(folder, 'nginx', 'nginx.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path temp_${name};`);
  writeFileSync(
    file,
    `daemon off; pid nginx.pid; error_log error.log; worker_processes 1; ${process.getuid() === 0 ? 'user root;' : ''}
events { worker_connections 1024; }
http {
  access_log off; ${paths.join(' ')}
  upstream service { ${WORKER_PORTS.map((port) => `server 127.0.0.1:${port};`).join(' ')} keepalive 64; keepalive_timeout 1s; }
  server {
    listen 127.0.0.1:${FRONT_PORT};
    location / {
      proxy_pass http://service; proxy_http_version 1.1; proxy_next_upstream off;
      proxy_set_header Connection ''; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr;
    }
  }
}
`,
  );
  const child = spawn('nginx', ['-p', join(folder, 'nginx'), '-c', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    try {
      await fetch(`http://127.0.0.1:${FRONT_PORT}/health`);
      return child;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error('nginx does not answer');
}

function withChildren(pid) {
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return [pid, ...children.split('\n').filter(Boolean).map(Number)];
}

/**
 * Seconds of CPU time that a process has used.
 *
 * @returns `hashing`: the time of its threads with a lower priority, `serving`: the time of the others
 */
export function cpuSeconds(pid) {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { seconds: (Number(fields[11]) + Number(fields[12])) / 100, niceness: Number(fields[16]) };
  });
  const usual = Math.min(...threads.map(({ niceness }) => niceness));
  const sum = (chosen) => chosen.reduce((total, { seconds }) => total + seconds, 0);
  return {
    serving: sum(threads.filter(({ niceness }) => niceness === usual)),
    hashing: sum(threads.filter(({ niceness }) => niceness > usual)),
  };
}

/** Seconds of CPU time that the machine has spent on all processes. */
export function busySeconds() {
  const [user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8').split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) / 100;
}
