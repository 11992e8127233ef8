import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { PASSWORD, register, uniqueName } from '../support/accounts.js';
import { anotherClient, type Received, send } from '../support/http-client.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';

const WORKERS = 4;
const TRIES = 10;
const REGISTRATIONS = 20;

describe('several processes on one database', () => {
  let database: DatabaseSettings;
  let build: ServiceBuild;
  let services: ServiceProcess[] = [];
  let urls: string[] = [];

  beforeAll(async () => {
    database = await createDatabase();
    build = await ServiceBuild.make();
    const variables = {
      ...variablesOf(database),
      BCRYPT_ROUNDS: '10',
      // No sign-in is shed, even on a slow machine.
      HASH_WAIT_MS: '60000',
      DB_CONNECT_TIMEOUT_MS: '60000',
      RATE_LIMIT_REGISTER_PER_HOUR: String(REGISTRATIONS),
    };
    services = Array.from({ length: WORKERS }, () => build.start(variables));
    urls = await Promise.all(services.map((service) => service.ready()));
  }, 60_000);
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    build.remove();
    await dropDatabase(database);
  });

  const urlOf = (index: number) => urls[index % WORKERS] ?? '';
  const login = (index: number, username: string, password: string, from = '127.0.0.1'): Promise<Received> =>
    Math.floor(index / WORKERS) % 2 === 0
      ? send(urlOf(index), '/api/v1/auth/login-json', { from, body: { username, password } })
      : send(urlOf(index), '/api/v1/auth/login', { from, body: new URLSearchParams({ username, password }) });
  const count = (answers: Received[]): Record<number, number> => {
    const counts: Record<number, number> = {};
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  };

  it('together evaluate only as many wrong passwords as the budget allows, then refuse the correct one', async () => {
    const { username } = await register(urlOf(0));
    const tries = Array.from({ length: 40 }, (_, index) => login(index, username, 'wrong-password'));
    expect(count(await Promise.all(tries))).toEqual({ 401: TRIES, 429: 40 - TRIES });
    const right = Array.from({ length: WORKERS }, (_, index) => login(index, username, PASSWORD));
    expect(count(await Promise.all(right))).toEqual({ 429: WORKERS });
  });

  it('release only the failed tries of a client when it sends the correct password to any worker', async () => {
    const { username } = await register(urlOf(0));
    const [mine, theirs] = [anotherClient(), anotherClient()];
    for (let index = 0; index < 9; index += 1) {
      expect((await login(index, username, 'wrong-password', index % 3 ? mine : theirs)).status).toBe(401);
    }
    expect((await login(1, username, PASSWORD, mine)).status).toBe(200);
    const more = Array.from({ length: 12 }, (_, index) => login(index, username, 'wrong-password', theirs));
    expect(count(await Promise.all(more))).toEqual({ 401: TRIES - 3, 429: 12 - TRIES + 3 });
  });

  it('evaluate only the shared tries and those of a known client in a burst of wrong passwords', async () => {
    const { username } = await register(urlOf(0));
    const home = anotherClient();
    expect((await login(0, username, PASSWORD, home)).status).toBe(200);
    const burst = Array.from({ length: 60 }, (_, index) =>
      login(index, username, 'wrong-password', index % 2 ? home : anotherClient()),
    );
    expect(count(await Promise.all(burst))).toEqual({ 401: TRIES + 5, 429: 60 - TRIES - 5 });
  });

  it('count exactly if correct and wrong passwords of several clients finish in any order', async () => {
    const { id, username } = await register(urlOf(0));
    const clients = [anotherClient(), anotherClient(), anotherClient()];
    // Nine tries in total, no more than the shared ones, since a process waits only for its own tries.
    const inOrder = [PASSWORD, 'wrong-password', PASSWORD];
    const tries = clients.flatMap((from, client) =>
      inOrder.map(async (password, index) => login(client + index * 3, username, password, from)),
    );
    for (const { status } of await Promise.all(tries)) expect([200, 401]).toContain(status);
    const state = async () =>
      query<{ points: number; places: object }>(database, 'SELECT points, places FROM rate_limits WHERE key = $1', [
        `login:user:${id}`,
      ]);
    const [row] = await state();
    expect(row?.points).toBe(Object.keys(row?.places ?? {}).length);
    for (const from of clients) expect((await login(0, username, PASSWORD, from)).status).toBe(200);
    expect(await state()).toEqual([{ points: 0, places: {} }]);
  });

  it('together register only as many accounts as the hourly limit allows', async () => {
    const before = REGISTRATIONS - 4;
    const answers = await Promise.all(
      Array.from({ length: REGISTRATIONS + 12 }, (_, index) =>
        send(urlOf(index), '/api/v1/auth/register', { body: { username: uniqueName(), password: PASSWORD } }),
      ),
    );
    expect(count(answers)).toEqual({ 200: before, 429: REGISTRATIONS + 12 - before });
  });
});
