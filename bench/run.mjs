/**
 * Compares the service with its baselines in the same run. Prints ratios and medians, since machines differ and are
 * shared. `npm run bench`; BENCH_SECONDS (default 5) and BENCH_ROUNDS (default 5) set the length.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import bcrypt from 'bcrypt';
import { startEmbeddedPostgres } from '../dist/dev-database/embedded-postgres.js';
import { load, median, startServer } from './processes.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 5);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const CONNECTIONS = 64;
const USERS = 64;
const LOGIN_CONCURRENCY = 8;
const PASSWORD = 'secure123';
/** Time after which V8 has freed the memory that the start needed. */
const REST_SECONDS = 45;
/** A fixed number of logins is timed: at three hashes per second a fixed time would count too few. */
const LOGINS = 24;
/** Refreshes per round, and the number of sessions; each session has a client that refreshes it sequentially. */
const REFRESHES = 2000;
const REFRESHING = 16;

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const postgres = await startEmbeddedPostgres({ dataDir: folder, database: 'bench', log: () => undefined });
const { user, password, host, port, database } = postgres;
const common = {
  SECRET_KEY: 'a-secret-for-measurements-only-0123456789',
  DATABASE_URL: `postgresql://${user}:${password}@${host}:${port}/${database}`,
  PGSSLMODE: 'disable',
  LOG_LEVEL: 'info',
  ENV_FILE: '/dev/null',
  DEBUG: 'False',
  // Every request comes from one address.
  RATE_LIMIT: 'off',
  // No sign-in is shed, since this measures throughput; bench/flood.mjs measures shedding.
  HASH_WAIT_MS: '60000',
};
try {
  await measure();
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure() {
  await (await startServer('../dist/main.js', { ...common, APP_PORT: '18101' })).stop();
  const starts = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = await startServer('../dist/main.js', { ...common, APP_PORT: '18101' });
    starts.push(started.readyMs);
    await started.stop();
  }
  const service = await startServer('../dist/main.js', { ...common, APP_PORT: '18101' });
  const baseline = await startServer('baseline-server.mjs', { ...common, APP_PORT: '18102' });
  const started = service.rssMb();
  await sleep(REST_SECONDS * 1000);
  const idle = service.rssMb();
  try {
    const signedUp = [];
    // Sequentially, since the hash queue would refuse too many concurrent requests.
    for (let index = 0; index < USERS; index++) signedUp.push(await signUp(service.url, `bench${index}`));
    print('ready, against a running PostgreSQL', `${Math.round(median(starts))} ms`, 'at most 1500 ms');
    print('memory, just started', `${Math.round(started)} MB`, '');
    print('memory, idle', `${Math.round(idle)} MB`, 'under 150 MB');
    const tokens = signedUp.map(({ access_token }) => access_token);
    await compareUsersMe(service.url, baseline.url, tokens);
    await compareLogin(service.url);
    await measureRefresh(
      service,
      signedUp.slice(0, REFRESHING).map(({ refresh_token }) => refresh_token),
    );
    print('memory, after the load', `${Math.round(service.rssMb())} MB`, '');
  } finally {
    await service.stop();
    await baseline.stop();
  }
}

async function signUp(url, username) {
  const post = (path, body) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await post('/api/v1/auth/register', { username, password: PASSWORD, email: `${username}@example.com` });
  const answer = await post('/api/v1/auth/login-json', { username, password: PASSWORD });
  if (!answer.ok) throw new Error(`sign-in answered ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Alternates between the two servers, so that changes in the speed of the machine affect both. */
async function compareUsersMe(service, baseline, tokens) {
  const run = (url, duration) => load({ url: `${url}/api/v1/users/me`, connections: CONNECTIONS, duration, tokens });
  await run(service, 3);
  await run(baseline, 3);
  const pairs = [];
  for (let round = 0; round < ROUNDS; round++) {
    pairs.push({ ours: await run(service, SECONDS), bare: await run(baseline, SECONDS) });
  }
  const ours = median(pairs.map((pair) => pair.ours.perSecond));
  const bare = median(pairs.map((pair) => pair.bare.perSecond));
  const ratio = median(pairs.map((pair) => pair.ours.perSecond / pair.bare.perSecond));
  const p99 = median(pairs.map((pair) => pair.ours.p99));
  print(
    'GET /users/me, 64 connections',
    `${ours.toFixed(0)}/s, p99 ${p99} ms; bare Fastify + pg ${bare.toFixed(0)}/s`,
    '',
  );
  print('  ratio', ratio.toFixed(2), 'at least 0.80');
}

async function compareLogin(url) {
  const hash = await bcrypt.hash(PASSWORD, 12);
  const pairs = [];
  for (let round = 0; round < ROUNDS; round++) {
    pairs.push({ ours: await loginsPerSecond(url), bare: await comparesPerSecond(hash) });
  }
  const ours = median(pairs.map((pair) => pair.ours));
  const bare = median(pairs.map((pair) => pair.bare));
  const ratio = median(pairs.map((pair) => pair.ours / pair.bare));
  print(`login, ${LOGIN_CONCURRENCY} at once, cost 12`, `${ours.toFixed(2)}/s; bare bcrypt ${bare.toFixed(2)}/s`, '');
  print('  ratio', ratio.toFixed(2), 'at least 0.90');
}

async function loginsPerSecond(url) {
  return perSecond(async (index) => {
    const body = new URLSearchParams({ username: `bench${index % USERS}`, password: PASSWORD });
    const answer = await fetch(`${url}/api/v1/auth/login`, { method: 'POST', body });
    if (!answer.ok) throw new Error(`login answered ${answer.status}`);
    await answer.arrayBuffer();
  });
}

async function comparesPerSecond(hash) {
  return perSecond(() => bcrypt.compare(PASSWORD, hash));
}

async function perSecond(work) {
  let next = 0;
  const started = performance.now();
  const worker = async () => {
    while (next < LOGINS) await work(next++);
  };
  await Promise.all(Array.from({ length: LOGIN_CONCURRENCY }, worker));
  return LOGINS / ((performance.now() - started) / 1000);
}

/** Also measures refreshes per CPU second of the service, since the client and PostgreSQL share its machine. */
async function measureRefresh(service, refreshTokens) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await refreshesPerSecond(service, refreshTokens));
  const all = median(rounds.map((each) => each.perSecond));
  const ofCore = median(rounds.map((each) => each.perCoreSecond));
  print(
    `refresh, ${REFRESHING} at once`,
    `${all.toFixed(0)}/s; ${ofCore.toFixed(0)} per CPU second`,
    'at least 120 per CPU second',
  );
}

/** @param refreshTokens one per session; replaced by the newest ones */
async function refreshesPerSecond(service, refreshTokens) {
  let left = REFRESHES;
  const before = service.cpuSeconds();
  const started = performance.now();
  const client = async (_, index) => {
    while (left-- > 0) {
      const body = JSON.stringify({ refresh_token: refreshTokens[index] });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${service.url}/api/v1/auth/refresh`, { method: 'POST', headers, body });
      if (!answer.ok) throw new Error(`refresh answered ${answer.status}`);
      refreshTokens[index] = (await answer.json()).refresh_token;
    }
  };
  await Promise.all(refreshTokens.map(client));
  const seconds = (performance.now() - started) / 1000;
  return { perSecond: REFRESHES / seconds, perCoreSecond: REFRESHES / (service.cpuSeconds() - before) };
}

function print(what, measured, demanded) {
  console.log(`${what.padEnd(38)} ${measured.padEnd(60)} ${demanded}`);
}
