/**
 * Sends the most expensive strings in every field, parameter, header and cookie and prints the slowest inputs. Subtracts
 * the time of the same request with one letter, which may include a password hash. `npm run bench:inputs` starts a
 * service; `BENCH_URL=http://localhost:8001` uses a running one with `RATE_LIMIT=off`. Registers one account.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startServer } from './processes.mjs';
import { stringInputs, worstTexts } from './string-inputs.mjs';

const SHOWN = 20;
const ACCOUNT = { username: `bench${Date.now()}`, password: 'secure123' };

if (process.env.BENCH_URL) await measure(process.env.BENCH_URL);
else await measureOwn();

async function measureOwn() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const service = await startServer('../dist/main.js', {
    SECRET_KEY: 'a-secret-for-measurements-only-0123456789',
    ENV_FILE: '/dev/null',
    DATA_DIR: folder,
    DEBUG: 'False',
    EMBEDDED_POSTGRES: 'True',
    RATE_LIMIT: 'off',
    WORKER: 'off',
    BCRYPT_ROUNDS: '10',
    APP_PORT: '18101',
  });
  try {
    await measure(service.url);
  } finally {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(base) {
  const post = async (path) => JSON.parse((await send(base, { method: 'POST', path, ...json(ACCOUNT) })).text);
  await post('/api/v1/auth/register');
  const { access_token: token } = await post('/api/v1/auth/login-json');
  const document = JSON.parse((await send(base, { method: 'GET', path: '/openapi.json' })).text);
  const times = [];
  for (const input of stringInputs(document)) {
    const timeOf = async (value) => {
      const request = input.request(value);
      const authorization = input.isSecured ? { authorization: `Bearer ${token}` } : {};
      const begin = performance.now();
      const { status } = await send(base, { ...request, headers: { ...authorization, ...request.headers } });
      return { ms: performance.now() - begin, status };
    };
    const one = await timeOf('x');
    for (const value of worstTexts(input)) {
      const { ms, status } = await timeOf(value);
      times.push({ ms: ms - one.ms, status, label: input.label, value });
    }
  }
  print(times.toSorted((a, b) => b.ms - a.ms));
}

function print(times) {
  console.log(`${times.length} requests; the ${SHOWN} slowest, minus the same request with one letter`);
  for (const { ms, status, label, value } of times.slice(0, SHOWN)) {
    const shown = JSON.stringify(value.slice(0, 16));
    console.log(`${ms.toFixed(1).padStart(8)} ms  ${status}  ${label}  ${shown}, ${value.length} code units`);
  }
}

function json(body) {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** Uses node:http, since `fetch` refuses some of the headers. */
async function send(base, { method, path, headers = {}, body }) {
  const { hostname, port } = new URL(base);
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path, agent: false, headers: { ...length, ...headers } });
    request.on('error', reject);
    request.on('response', (response) => {
      resolve(text(response).then((received) => ({ status: response.statusCode, text: received })));
    });
    request.end(body);
  });
}
