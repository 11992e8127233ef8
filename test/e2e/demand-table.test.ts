import { DataSource } from 'typeorm';
import { DemandTable } from '../../src/auth/passwords/hashing/demand-table.js';
import { SharedDemand } from '../../src/auth/passwords/hashing/shared-demand.js';
import { type JobContext, JobRegistry } from '../../src/jobs/job-registry.js';
import { uniqueName } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

describe('the hash demand that processes share', () => {
  let app: TestApp;

  beforeAll(async () => {
    const settings = { HASH_THREADS: '1', HASH_WAIT_MS: '500', TRUST_PROXY: '1' };
    app = await TestApp.start({ settings, bcryptRounds: 10 });
  });
  afterAll(() => app.stop());
  beforeEach(() => app.sql('TRUNCATE hash_demands'));

  /** The table as seen by another process. */
  const another = () => new DemandTable(app.nest.get(DataSource));
  const demandOf = (client: string) => ({ client, asked: 3.25, age: 40, patience: 800 });
  const age = async (seconds: number) =>
    app.sql(`UPDATE hash_demands SET told_at = told_at - $1 * interval '1 second'`, [seconds]);

  it('stores the latest report of each process and returns it to the others', async () => {
    const [first, second, third] = [another(), another(), another()];
    expect(await first.exchange([demandOf('192.0.2.1')])).toEqual([]);
    await first.exchange([demandOf('192.0.2.2'), demandOf('2001:db8::/64')]);
    await second.exchange([demandOf('192.0.2.3')]);
    const reports = await third.exchange([]);
    expect(reports.map(({ demands }) => demands)).toEqual(
      expect.arrayContaining([[demandOf('192.0.2.2'), demandOf('2001:db8::/64')], [demandOf('192.0.2.3')]]),
    );
    expect(reports).toHaveLength(2);
  });

  it('has an age by the clock of the database and is ignored after a minute', async () => {
    const [first, second] = [another(), another()];
    await first.exchange([demandOf('192.0.2.1')]);
    await age(30);
    const [report] = await second.exchange([]);
    expect(report?.age).toBeGreaterThanOrEqual(30_000);
    expect(report?.age).toBeLessThan(60_000);
    await age(31);
    expect(await second.exchange([])).toEqual([]);
    expect(await app.sql('SELECT FROM hash_demands')).toHaveLength(2);
  });

  it('is ignored if it lies in the future after the clock of the database was set back', async () => {
    const [first, second] = [another(), another()];
    await first.exchange([demandOf('192.0.2.1')]);
    await age(-300);
    expect(await second.exchange([])).toEqual([]);
    await age(300 - 0.5);
    expect(await second.exchange([])).toEqual([{ demands: [demandOf('192.0.2.1')], age: 0 }]);
  });

  it('is purged by a job ten minutes after the last report', async () => {
    await another().exchange([demandOf('192.0.2.1')]);
    const registry = app.nest.get(JobRegistry);
    expect(registry.schedules.get('hash-demands.purge')).toBe('*/10 * * * *');
    const purge = async () => registry.all.get('hash-demands.purge')?.({}, {} as JobContext);
    await purge();
    expect(await app.sql('SELECT FROM hash_demands')).toHaveLength(1);
    await age(601);
    await purge();
    expect(await app.sql('SELECT FROM hash_demands')).toEqual([]);
    await another().exchange([demandOf('192.0.2.1')]);
    await age(-86_400);
    await purge();
    expect(await app.sql('SELECT FROM hash_demands')).toEqual([]);
  });

  it('has the age of the latest report', async () => {
    const [first, second] = [another(), another()];
    for (const seconds of [30, 31, 601]) {
      await first.exchange([demandOf('192.0.2.1')]);
      await age(seconds);
    }
    await first.exchange([demandOf('192.0.2.1')]);
    const [report] = await second.exchange([]);
    expect(report?.age).toBeLessThan(30_000);
  });

  it('can be exchanged while another process has a row locked', async () => {
    await another().exchange([demandOf('192.0.2.1')]);
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

  it('can be exchanged by many processes at the same time', async () => {
    const tables = Array.from({ length: 8 }, another);
    await Promise.all(tables.map(async (table) => table.exchange([demandOf('192.0.2.1')])));
    await age(601);
    for (let times = 0; times < 5; times++) {
      await Promise.all(tables.map(async (table) => table.exchange([demandOf('192.0.2.1')])));
    }
    expect((await another().exchange([])).length).toBe(8);
  });

  it('is exchanged while logins are refused', async () => {
    await another().exchange([{ ...demandOf('198.51.100.9'), asked: 8 }]);
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
