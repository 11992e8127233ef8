import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { slowRequest } from '../support/slow-request.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';

jest.setTimeout(60_000);

const FAULTY = pathToFileURL(resolve('test/support/faulty-process.mjs')).href;

let build: ServiceBuild;
let database: DatabaseSettings;
let service: ServiceProcess | undefined;

async function start(variables: Record<string, string> = {}): Promise<{ service: ServiceProcess; url: string }> {
  const started = build.start({
    ...variablesOf(database),
    BCRYPT_ROUNDS: '10',
    NODE_OPTIONS: `--import=${FAULTY}`,
    ...variables,
  });
  service = started;
  return { service: started, url: await started.ready() };
}

/** The log line that contains `text`. */
function lineOf(service: ServiceProcess, text: string): Record<string, unknown> {
  const line = service.output.split('\n').find((each) => each.includes(text)) ?? '{}';
  return JSON.parse(line) as Record<string, unknown>;
}

beforeAll(async () => {
  build = await ServiceBuild.make();
  database = await createDatabase();
});
afterEach(async () => {
  service?.kill('SIGKILL');
  await service?.ended;
});
afterAll(async () => {
  build.remove();
  await dropDatabase(database);
});

describe('an unhandled rejection', () => {
  it('is logged and counted, and the process continues', async () => {
    const { service, url } = await start();
    service.kill('SIGWINCH');
    await service.said(/unhandled rejection/);
    expect(lineOf(service, 'unhandled rejection')).toMatchObject({
      level: 50,
      err: { type: 'Error', message: 'nobody awaited this' },
    });
    const { text } = await send(url, '/metrics');
    expect(text).toMatch(/^process_faults_total\{kind="unhandled_rejection"[^}]*\} 1$/m);
    expect(text).toMatch(/^process_faults_total\{kind="uncaught_exception"[^}]*\} 0$/m);
    expect(await service.stop()).toBe(0);
  });
});

describe('an uncaught exception', () => {
  it('is logged without its properties, and the process exits after the requests in flight', async () => {
    const { service, url } = await start({ DRAIN_SECONDS: '60', DB_STATEMENT_TIMEOUT_MS: '60000' });
    const { token } = await signedIn(url);
    const { answer, release } = await slowRequest(database, url, token);
    service.kill('SIGUSR2');
    await service.said(/no longer listening/);
    expect(lineOf(service, 'uncaught exception')).toMatchObject({
      level: 60,
      err: { type: 'Error', message: 'a listener threw' },
    });
    expect(service.output).not.toContain('a-secret-of-the-statement');
    // A second exception during the drain.
    service.kill('SIGUSR2');
    await release();
    expect((await answer).status).toBe(200);
    expect(await service.ended).toBe(1);
    expect(service.output.match(/"msg":"uncaught exception"/g)).toHaveLength(2);
  });

  it('causes 500 for a request that does not end in time', async () => {
    const { service, url } = await start({ DRAIN_SECONDS: '1', DB_STATEMENT_TIMEOUT_MS: '60000' });
    const { token } = await signedIn(url);
    const { answer, release } = await slowRequest(database, url, token);
    service.kill('SIGUSR2');
    expect(await answer).toMatchObject({
      status: 500,
      headers: { connection: 'close' },
      body: { detail: 'Internal Server Error' },
    });
    expect(await service.ended).toBe(1);
    await release();
  });

  it('makes a start print the stack and exit with 1', async () => {
    const locked = await slowStart();
    locked.service.kill('SIGUSR2');
    expect(await locked.service.ended).toBe(1);
    expect(locked.service.message).toContain('Error: a listener threw\n    at ');
  });
});

/** A process that waits for a database that does not answer. */
async function slowStart(): Promise<{ service: ServiceProcess }> {
  const waiting = build.start({ ...variablesOf({ ...database, port: 1 }), NODE_OPTIONS: `--import=${FAULTY}` });
  service = waiting;
  await waiting.said(/waiting for PostgreSQL/);
  return { service: waiting };
}
