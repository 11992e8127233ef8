import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { uniqueName } from '../support/accounts.js';
import { anotherClient, send } from '../support/http-client.js';
import { TEST_SECRET, TestApp } from '../support/test-app.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';

const TRIES = 10;

describe('failed sign-ins with an unknown username', () => {
  let database: DatabaseSettings;

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => dropDatabase(database));

  async function statusesOf(username: string, times: number, keys: Record<string, string> = {}): Promise<number[]> {
    const app = await TestApp.start({ database, settings: { RATE_LIMIT: 'on', ...keys } });
    const statuses: number[] = [];
    for (let index = 0; index < times; index += 1) {
      const body = { username, password: 'wrong-password' };
      const { status } = await send(app.url, '/api/v1/auth/login-json', { body, from: anotherClient() });
      statuses.push(status);
    }
    await app.stop();
    return statuses;
  }

  it('continue to count across a change of SECRET_KEY', async () => {
    const username = uniqueName('nobody');
    expect(await statusesOf(username, TRIES - 1)).not.toContain(429);
    const SECRET_KEY = 'another-secret-that-only-the-tests-know-and-that-is-long-enough-for-HS512';
    expect(await statusesOf(username, 2, { SECRET_KEY, SECRET_KEY_PREVIOUS: TEST_SECRET })).toEqual([401, 429]);
  });

  it('count once if SECRET_KEY_PREVIOUS is the same key', async () => {
    const statuses = await statusesOf(uniqueName('nobody'), TRIES + 1, { SECRET_KEY_PREVIOUS: TEST_SECRET });
    expect(statuses).toEqual([...Array.from({ length: TRIES }, () => 401), 429]);
  });
});
