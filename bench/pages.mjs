/**
 * Measures pages at the start, in the middle and at the end of a long list: an account with ten million events in
 * twenty-four months. `npm run bench:pages`; BENCH_ROWS sets another number of events. Needs about 3 GB of disk space.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../dist/dev-database/embedded-postgres.js';
import { encodeCursor } from '../dist/platform/pagination/cursor.js';
import { median, startServer } from './processes.mjs';

const ROWS = Number(process.env.BENCH_ROWS ?? 10_000_000);
const MONTHS = 24;
const REQUESTS = 200;
const ACCOUNT = { username: 'bench', password: 'secure123' };

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const postgres = await startEmbeddedPostgres({ dataDir: folder, database: 'bench', log: () => undefined });
const { user, password, host, port, database } = postgres;
const databaseUrl = `postgresql://${user}:${password}@${host}:${port}/${database}`;
const service = await startServer('../dist/main.js', {
  SECRET_KEY: 'a-secret-for-measurements-only-0123456789',
  DATABASE_URL: databaseUrl,
  PGSSLMODE: 'disable',
  ENV_FILE: '/dev/null',
  DEBUG: 'False',
  RATE_LIMIT: 'off',
  // No jobs, which would disturb the measurement.
  WORKER: 'off',
  APP_PORT: '18101',
});
try {
  await measure();
} finally {
  await service.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure() {
  const { id } = await post('/api/v1/auth/register', ACCOUNT);
  const { access_token: token } = await post('/api/v1/auth/login-json', ACCOUNT);
  const places = await fill(id);
  const pages = [
    ['the first page', 'limit=50'],
    ['a page in the middle', `limit=50&cursor=${encodeCursor('activity', places.middle)}`],
    ['the last page', `limit=50&cursor=${encodeCursor('activity', places.last)}`],
    ['the farthest page by skip', 'limit=50&skip=10000'],
  ];
  const times = new Map(pages.map(([name]) => [name, []]));
  // In turn, so that changes in the load of the machine affect all pages alike.
  for (let request = 0; request < REQUESTS; request++) {
    for (const [name, query] of pages) times.get(name).push(await timeOf(query, token));
  }
  const first = median(times.get('the first page'));
  console.log(`${ROWS.toLocaleString('en')} events of one account, pages of 50, medians of ${REQUESTS}`);
  for (const [name, each] of times) {
    const ms = median(each);
    console.log(`${name.padEnd(28)} ${ms.toFixed(2).padStart(8)} ms   ratio ${(ms / first).toFixed(2)}`);
  }
  const total = await timeOf('limit=50&include_total=true', token);
  console.log(
    `${'the first page, with total'.padEnd(28)} ${total.toFixed(0).padStart(8)} ms   once: it counts all events`,
  );
}

/** Inserts events directly and disables the triggers that protect the log. @returns positions in the list */
async function fill(userId) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `SELECT audit_make_month((now() AT TIME ZONE 'UTC' - back * interval '1 month')::date) FROM generate_series(0, ${MONTHS}) back`,
    );
    await client.query('SET session_replication_role = replica');
    await client.query(
      `INSERT INTO audit_events (occurred_at, action, outcome, actor_id, subject_id, data)
       SELECT now() - n * (interval '${MONTHS} months' / $2::int), 'session.opened', 'success', $1, $1, '{}'
         FROM generate_series(1, $2::int) AS n`,
      [userId, ROWS],
    );
    await client.query('VACUUM (ANALYZE) audit_events');
    const [middle, last] = [await positionAt(client, userId, ROWS / 2), await positionAt(client, userId, ROWS - 50)];
    return { middle, last };
  } finally {
    await client.end();
  }
}

async function positionAt(client, userId, row) {
  const { rows } = await client.query(
    `SELECT to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, id::text FROM audit_events
      WHERE subject_id = $1 ORDER BY occurred_at DESC, id DESC OFFSET $2 LIMIT 1`,
    [userId, Math.floor(row)],
  );
  return rows[0];
}

async function timeOf(query, token) {
  const started = performance.now();
  const answer = await fetch(`${service.url}/api/v1/users/me/activity?${query}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { items } = await answer.json();
  if (items?.length !== 50) throw new Error(`${query} was answered ${answer.status} with ${items?.length} items`);
  return performance.now() - started;
}

async function post(path, body) {
  const answer = await fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path} was answered ${answer.status}`);
  return answer.json();
}
