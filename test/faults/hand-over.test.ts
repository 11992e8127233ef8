import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { join } from 'node:path';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { type Received, send } from '../support/http-client.js';
import { freePort, ServiceBuild, variablesOf } from '../support/service-process.js';
import { TEST_SECRET } from '../support/test-app.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';

jest.setTimeout(60_000);

let build: ServiceBuild;
let database: DatabaseSettings;
let primary: ChildProcess;
let port: number;

/** What the master says, as it says it. */
async function told(expected: unknown): Promise<void> {
  for await (const [message] of on(primary, 'message') as AsyncIterable<[unknown]>) {
    if (JSON.stringify(message) === JSON.stringify(expected)) return;
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
  await told('ready');
});
afterAll(async () => {
  const ended = once(primary, 'exit');
  primary.disconnect();
  await ended;
  build.remove();
  await dropDatabase(database);
});

describe('a connection that the master has handed to a process that ends', () => {
  it('is refused by it, so that another one takes it', async () => {
    const url = `http://127.0.0.1:${port}`;
    const held = told('held');
    const exited = told({ exited: 0 });
    primary.send('hold');
    // The workers take turns.
    const answers: Promise<Received>[] = [send<unknown>(url, '/health/live'), send<unknown>(url, '/health/live')];
    await held;
    primary.send('shutdown');
    await exited;
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
  });
});
