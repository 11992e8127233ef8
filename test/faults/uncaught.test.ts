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

/** The line of the log that `text` stands in. */
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

describe('a rejection that nobody handles', () => {
  it('is logged and counted, and the process serves on', async () => {
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

describe('an exception that nobody catches', () => {
  it('is logged, without what it carries, and the process makes way once the requests in flight have ended', async () => {
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
    // Again, of what is broken by now.
    service.kill('SIGUSR2');
    await release();
    expect((await answer).status).toBe(200);
    expect(await service.ended).toBe(1);
    expect(service.output.match(/uncaught exception/g)).toHaveLength(2);
  });

  it('is a 500 to the request that will not end', async () => {
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

  it('ends a start with its stack, and 1', async () => {
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
