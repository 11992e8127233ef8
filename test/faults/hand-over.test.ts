import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { join } from 'node:path';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { type Received, send } from '../support/http-client.js';
import { freePort } from '../support/free-port.js';
import { ServiceBuild, variablesOf } from '../support/service-process.js';
import { TEST_SECRET } from '../support/test-app.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';

jest.setTimeout(60_000);

let build: ServiceBuild;
let database: DatabaseSettings;
let primary: ChildProcess;
let port: number;

/** Waits for a message from the primary process. */
async function message(expected: unknown): Promise<void> {
  for await (const [received] of on(primary, 'message') as AsyncIterable<[unknown]>) {
    if (JSON.stringify(received) === JSON.stringify(expected)) return;
  }
}

beforeAll(async () => {
  build = await ServiceBuild.make();
  database = await createDatabase();
  port = await freePort();
  primary = fork('test/support/cluster-primary.mjs', [join(build.folder, 'dist', 'main.js')], {
    env: {
      PATH: process.env.PATH,
      APP_HOST: '127.0.0.1',
      APP_PORT: String(port),
      SECRET_KEY: TEST_SECRET,
      DRAIN_DELAY_MS: '0',
      WORKERS: '2',
      ...variablesOf(database),
    },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await message('ready');
});
afterAll(async () => {
  const ended = once(primary, 'exit');
  primary.disconnect();
  await ended;
  build.remove();
  await dropDatabase(database);
});

describe('a connection that the primary process assigns to a worker that shuts down', () => {
  it('is refused by the worker and accepted by another one', async () => {
    const url = `http://127.0.0.1:${port}`;
    const held = message('held');
    const exited = message({ exited: 0 });
    primary.send('hold');
    // The workers take turns.
    const answers: Promise<Received>[] = [send<unknown>(url, '/health/live'), send<unknown>(url, '/health/live')];
    await held;
    primary.send('shutdown');
    await exited;
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
  });
});
