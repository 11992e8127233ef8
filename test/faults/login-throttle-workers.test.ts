import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { PASSWORD, register, uniqueName } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';

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
      // Each of the tries is to be evaluated or refused for what it is, however slow the machine.
      HASH_WAIT_MS: '60000',
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
  const login = (index: number, username: string, password: string): Promise<Received> =>
    Math.floor(index / WORKERS) % 2 === 0
      ? send(urlOf(index), '/api/v1/auth/login-json', { body: { username, password } })
      : send(urlOf(index), '/api/v1/auth/login', { body: new URLSearchParams({ username, password }) });
  const count = (answers: Received[]): Record<number, number> => {
    const counts: Record<number, number> = {};
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  };

  it('evaluate no more wrong passwords together than the budget, and none of them the right one after it (A18, A19)', async () => {
    const { username } = await register(urlOf(0));
    const tries = Array.from({ length: 40 }, (_, index) => login(index, username, 'wrong-password'));
    expect(count(await Promise.all(tries))).toEqual({ 401: TRIES, 429: 40 - TRIES });
    const right = Array.from({ length: WORKERS }, (_, index) => login(index, username, PASSWORD));
    expect(count(await Promise.all(right))).toEqual({ 429: WORKERS });
  });

  it('forget the wrong ones together when the right one comes to any of them', async () => {
    const { username } = await register(urlOf(0));
    for (let index = 0; index < TRIES - 1; index += 1) {
      expect((await login(index, username, 'wrong-password')).status).toBe(401);
    }
    expect((await login(1, username, PASSWORD)).status).toBe(200);
    const { status, headers } = await login(2, username, 'wrong-password');
    expect([status, headers['ratelimit-remaining']]).toEqual([401, String(TRIES - 1)]);
  });

  it('let no more accounts be registered together than the limit of an hour', async () => {
    const before = REGISTRATIONS - 2;
    const answers = await Promise.all(
      Array.from({ length: REGISTRATIONS + 12 }, (_, index) =>
        send(urlOf(index), '/api/v1/auth/register', { body: { username: uniqueName(), password: PASSWORD } }),
      ),
    );
    expect(count(answers)).toEqual({ 200: before, 429: REGISTRATIONS + 12 - before });
  });
});
