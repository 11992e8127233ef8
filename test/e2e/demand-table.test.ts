import { DataSource } from 'typeorm';
import { DemandTable } from '../../src/auth/passwords/hashing/demand-table.js';
import { SharedDemand } from '../../src/auth/passwords/hashing/shared-demand.js';
import { type JobContext, JobRegistry } from '../../src/jobs/job-registry.js';
import { uniqueName } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

describe('what the processes tell one another of who asks for hashes', () => {
  let app: TestApp;

  beforeAll(async () => {
    const settings = { HASH_THREADS: '1', HASH_WAIT_MS: '500', TRUST_PROXY: '1' };
    app = await TestApp.start({ settings, bcryptRounds: 10 });
  });
  afterAll(() => app.stop());
  beforeEach(() => app.sql('TRUNCATE hash_demands'));

  /** As another process has it. */
  const another = () => new DemandTable(app.nest.get(DataSource));
  const asked = (client: string) => ({ client, asked: 3.25, age: 40, patience: 800 });
  const age = async (seconds: number) =>
    app.sql(`UPDATE hash_demands SET told_at = told_at - $1 * interval '1 second'`, [seconds]);

  it('holds of each process what it told last, and gives it to the others', async () => {
    const [first, second, third] = [another(), another(), another()];
    expect(await first.exchange([asked('192.0.2.1')])).toEqual([]);
    await first.exchange([asked('192.0.2.2'), asked('2001:db8::/64')]);
    await second.exchange([asked('192.0.2.3')]);
    const told = await third.exchange([]);
    expect(told.map(({ demands }) => demands)).toEqual(
      expect.arrayContaining([[asked('192.0.2.2'), asked('2001:db8::/64')], [asked('192.0.2.3')]]),
    );
    expect(told).toHaveLength(2);
  });

  it('says how old it is by the clock of the database, and forgets it after a minute', async () => {
    const [first, second] = [another(), another()];
    await first.exchange([asked('192.0.2.1')]);
    await age(30);
    const [told] = await second.exchange([]);
    expect(told?.age).toBeGreaterThanOrEqual(30_000);
    expect(told?.age).toBeLessThan(60_000);
    await age(31);
    expect(await second.exchange([])).toEqual([]);
    expect(await app.sql('SELECT FROM hash_demands')).toHaveLength(2);
  });

  it('does not believe what is of the future, since the clock of the database was set back', async () => {
    const [first, second] = [another(), another()];
    await first.exchange([asked('192.0.2.1')]);
    await age(-300);
    expect(await second.exchange([])).toEqual([]);
    await age(300 - 0.5);
    expect(await second.exchange([])).toEqual([{ demands: [asked('192.0.2.1')], age: 0 }]);
  });

  it('keeps no address for longer than it is of use, whether or not there is another flood', async () => {
    await another().exchange([asked('192.0.2.1')]);
    const registry = app.nest.get(JobRegistry);
    expect(registry.schedules.get('hash-demands.purge')).toBe('*/10 * * * *');
    const purge = async () => registry.all.get('hash-demands.purge')?.({}, {} as JobContext);
    await purge();
    expect(await app.sql('SELECT FROM hash_demands')).toHaveLength(1);
    await age(601);
    await purge();
    expect(await app.sql('SELECT FROM hash_demands')).toEqual([]);
    await another().exchange([asked('192.0.2.1')]);
    await age(-86_400);
    await purge();
    expect(await app.sql('SELECT FROM hash_demands')).toEqual([]);
  });

  it('counts the age from what was told last, however long a process has been telling', async () => {
    const [first, second] = [another(), another()];
    for (const seconds of [30, 31, 601]) {
      await first.exchange([asked('192.0.2.1')]);
      await age(seconds);
    }
    await first.exchange([asked('192.0.2.1')]);
    const [told] = await second.exchange([]);
    expect(told?.age).toBeLessThan(30_000);
  });

  it('leaves a row that another process is at', async () => {
    await another().exchange([asked('192.0.2.1')]);
    await age(601);
    const runner = app.nest.get(DataSource).createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT FROM hash_demands FOR UPDATE');
    let answered = false;
    const asking = another()
      .exchange([])
      .finally(() => (answered = true));
    const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
    await until(async () => answered || (await app.sql(waiting)).length > 0);
    expect(answered).toBe(true);
    await runner.rollbackTransaction();
    await runner.release();
    await asking;
  });

  it('waits for nobody, however many exchange at once', async () => {
    const tables = Array.from({ length: 8 }, another);
    await Promise.all(tables.map(async (table) => table.exchange([asked('192.0.2.1')])));
    await age(601);
    for (let times = 0; times < 5; times++) {
      await Promise.all(tables.map(async (table) => table.exchange([asked('192.0.2.1')])));
    }
    expect((await another().exchange([])).length).toBe(8);
  });

  it('is told and learnt while logins are refused', async () => {
    await another().exchange([{ ...asked('198.51.100.9'), asked: 8 }]);
    const crowd = Array.from({ length: 20 }, async () => {
      const body = { username: uniqueName(), password: 'secure123' };
      return send(app.url, '/api/v1/auth/login-json', { body, headers: { 'x-forwarded-for': '198.51.100.8' } });
    });
    const statuses = (await Promise.all(crowd)).map(({ status }) => status);
    expect(statuses).toContain(503);
    await until(() => app.nest.get(SharedDemand).get('198.51.100.9') > 7);
    const clients = (await another().exchange([])).flatMap(({ demands }) => demands.map(({ client }) => client));
    expect(clients.toSorted()).toEqual(['198.51.100.8', '198.51.100.9']);
  });
});
