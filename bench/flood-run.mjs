import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ask, login, loginPatiently, Pace } from './flood-clients.mjs';
import { busySeconds, cpuSeconds } from './flood-service.mjs';

const WARM_UP_SECONDS = 12;
const ATTACKERS_OF_WARM_UP = 40;
/** The default of HASH_WAIT_MS. */
const LONGEST_WAIT_SECONDS = 2;
const IDLE_SECONDS = 8;
const RECOVERY_SECONDS = 4;

/**
 * Runs one flood, with an idle time before it and a recovery time after it.
 *
 * @returns the measurements that flood-report.mjs prints
 */
export async function flood(service, plan) {
  const { urls, workers, processes } = service;
  const { token, rssBefore } = await warmUp(service, plan);
  const live = (await ask(urls[0], '/health/live')).status === 404 ? '/health' : '/health/live';
  const me = new Pace({ urls, path: '/api/v1/users/me', everyMs: 20, headers: { authorization: `Bearer ${token}` } });
  const health = new Pace({ urls, path: live, everyMs: 50 });
  await sleep(1000);
  const quiet = performance.now();
  await sleep(IDLE_SECONDS * 1000);

  for (const worker of workers) worker.beginProbe();
  const begun = performance.now();
  const attackers = startAttackers(urls, plan);
  const cpu = cpuMeter({ ...processes, attackers: [attackers.pid], clients: [process.pid] });
  const honest = await besides(urls, plan, begun + plan.seconds * 1000);
  const shares = cpu();
  const attack = await attackers.end();
  const ended = performance.now();
  const probes = await Promise.all(workers.map(async (worker) => worker.endProbe()));
  const rssAfter = workers.map((worker) => worker.rssMb());
  await sleep(RECOVERY_SECONDS * 1000);
  me.stop();
  health.stop();
  return {
    live,
    seconds: (ended - begun) / 1000,
    me: { idle: me.between(quiet, begun), flood: me.between(begun, ended), after: me.between(ended, Infinity), ended },
    health: { idle: health.between(quiet, begun), flood: health.between(begun, ended) },
    attack,
    honest,
    probes,
    shares,
    rssGrowth: rssAfter.map((mb, index) => mb - rssBefore[index]),
  };
}

/** Starts threads, opens connections and compiles code, as in a service that has run for a while. @returns a token */
async function warmUp({ urls, workers }, { person, password }) {
  const guesses = startAttackers(urls, {
    attackers: ATTACKERS_OF_WARM_UP,
    addresses: ATTACKERS_OF_WARM_UP,
    network: 6,
    pauseMs: 1,
  });
  await sleep(WARM_UP_SECONDS * 1000);
  await guesses.end();
  // Measured under load: an idle process frees memory that it allocates again later.
  const rssBefore = workers.map((worker) => worker.rssMb());
  await sleep(LONGEST_WAIT_SECONDS * 1000);
  const logins = Array.from({ length: 8 }, async (_, number) =>
    loginPatiently(urls[number % urls.length], person(), password, `127.0.2.${100 + number}`),
  );
  await Promise.all(logins);
  const answer = await login(urls[0], person(), password, '127.0.2.99');
  return { token: JSON.parse(answer.text).access_token, rssBefore };
}

function startAttackers(urls, { attackers, addresses, pauseMs, network = 1 }) {
  const options = JSON.stringify({ urls, attackers, addresses, network, pauseMs });
  const file = fileURLToPath(new URL('flood-attackers.mjs', import.meta.url));
  const child = spawn(process.execPath, [file, options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = text(child.stdout);
  return {
    pid: child.pid,
    end: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
      return JSON.parse(await output);
    },
  };
}

/**
 * Honest people during the flood, each from a separate address. Every one and a half seconds one signs in, one mistypes
 * the password and one the username; the report compares the times of these two.
 */
async function besides(urls, { person, password }, until) {
  const found = { logins: [], known: [], unknown: [] };
  const running = [];
  // Lets the attackers fill the queues first.
  await sleep(1000);
  for (let number = 0; performance.now() < until; number++) {
    const address = (network) => `127.0.${network}.${1 + (number % 250)}`;
    const url = urls[number % urls.length];
    const failed = async (times, name, network) => {
      const { status, ms } = await login(url, name, 'a wrong password', address(network));
      if (status === 401) times.push(ms);
    };
    running.push(loginPatiently(url, person(), password, address(3)).then((each) => found.logins.push(each)));
    await sleep(500);
    // Alternates which of the two comes first.
    const [first, second] = number % 2 ? ['known', 'unknown'] : ['unknown', 'known'];
    for (const kind of [first, second]) {
      const name = kind === 'known' ? person() : `stranger${number}`;
      running.push(failed(found[kind], name, kind === 'known' ? 4 : 5));
      await sleep(500);
    }
  }
  await Promise.all(running);
  return found;
}

/** @returns a function that returns how many cores each group of processes has used since this call */
function cpuMeter(groups) {
  const taken = (pids, kind) => pids.reduce((sum, pid) => sum + cpuSeconds(pid)[kind], 0);
  const read = () => ({
    hashing: taken(groups.service, 'hashing'),
    ...Object.fromEntries(Object.entries(groups).map(([name, pids]) => [name, taken(pids, 'serving')])),
    machine: busySeconds(),
  });
  const [before, started] = [read(), performance.now()];
  return () => {
    const seconds = (performance.now() - started) / 1000;
    return Object.fromEntries(Object.entries(read()).map(([name, sum]) => [name, (sum - before[name]) / seconds]));
  };
}
