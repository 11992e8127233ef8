/**
 * Floods two processes of the service with password guesses, measures the effect on other clients and prints each figure
 * next to its target. `npm run bench:flood`; BENCH_SECONDS (default 60) sets the length of each of the two floods,
 * FLOOD_PAUSE_MS (default 250) how long an attacker pauses between a response and its next guess.
 *
 * Clients, attackers, nginx and PostgreSQL share the machine with the service, so their CPU use is printed too.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcrypt';
import pg from 'pg';
import { startEmbeddedPostgres } from '../dist/dev-database/embedded-postgres.js';
import { flood } from './flood-run.mjs';
import { report } from './flood-report.mjs';
import { startService } from './flood-service.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 60);
const PAUSE_MS = Number(process.env.FLOOD_PAUSE_MS ?? 250);
const ATTACKERS = 100;
const ACCOUNTS = 64;
const PASSWORD = 'secure123';
const COST = 12;

const FLOODS = [
  ['one address, limits on', { RATE_LIMIT: 'on' }, 1],
  ['100 addresses, limits off', { RATE_LIMIT: 'off' }, ATTACKERS],
];

const folder = mkdtempSync(join(tmpdir(), 'flood-'));
const postgres = await startEmbeddedPostgres({ dataDir: folder, database: 'bench', log: () => undefined });
// A host name, so that each connection needs a DNS look-up.
const databaseUrl = `postgresql://${postgres.user}:${postgres.password}@localhost:${postgres.port}/${postgres.database}`;
const settings = {
  SECRET_KEY: 'a-secret-for-measurements-only-0123456789',
  DATABASE_URL: databaseUrl,
  PGSSLMODE: 'disable',
  ENV_FILE: '/dev/null',
  DEBUG: 'False',
  WORKERS: '2',
  BCRYPT_ROUNDS: String(COST),
};

try {
  const alone = await hashesPerSecond();
  const results = [];
  for (const [name, limits, addresses] of FLOODS) {
    const service = await startService(folder, { ...settings, ...limits });
    try {
      await createAccounts();
      const plan = { seconds: SECONDS, pauseMs: PAUSE_MS, attackers: ATTACKERS, addresses, ...accounts() };
      results.push({ name, proxied: service.proxied, ...(await flood(service, plan)) });
    } finally {
      await service.stop();
    }
  }
  console.log(
    `${ATTACKERS} attackers with a pause of ${PAUSE_MS} ms, ${SECONDS} s, cost ${COST}, 2 processes, ${results[0].proxied ? 'behind nginx' : 'no nginx'}`,
  );
  report(results, alone);
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Hashes per second of bcrypt alone on the machine, with as many concurrent hashes as the two processes run together. */
async function hashesPerSecond() {
  const hash = await bcrypt.hash(PASSWORD, COST);
  const started = performance.now();
  const until = started + Math.min(SECONDS, 20) * 1000;
  let hashes = 0;
  const worker = async () => {
    for (; performance.now() < until; hashes++) await bcrypt.compare(PASSWORD, hash);
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
  return hashes / ((performance.now() - started) / 1000);
}

/** Inserts the accounts directly: registration would hash a password for each. */
async function createAccounts() {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    `INSERT INTO users (username, hashed_password) SELECT 'person' || n, $1 FROM generate_series(0, $2 - 1) n
     ON CONFLICT DO NOTHING`,
    [await bcrypt.hash(PASSWORD, COST), ACCOUNTS],
  );
  await client.end();
}

/** Takes usernames in turn, so that no account reaches its limit. */
function accounts() {
  let next = 0;
  return { person: () => `person${next++ % ACCOUNTS}`, password: PASSWORD };
}
