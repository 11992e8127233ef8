import { DataSource, type EntityManager } from 'typeorm';
import { transientState } from '../../src/platform/database/database-errors.js';
import { databaseRetries, inTransaction } from '../../src/platform/database/transaction.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { PASSWORD, uniqueName } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const PROBLEMS = { accept: 'application/problem+json' };

describe('transactions that PostgreSQL rolls back because of others', () => {
  let app: TestApp;
  let dataSource: DataSource;

  beforeAll(async () => {
    app = await TestApp.start();
    dataSource = app.nest.get(DataSource);
    await app.sql('CREATE TABLE doctors (id int PRIMARY KEY, on_call boolean, changes int)');
    // A sequence keeps its value on a rollback.
    await app.sql('CREATE SEQUENCE tries');
  });
  beforeEach(async () => {
    await app.sql('TRUNCATE doctors');
    await app.sql('INSERT INTO doctors VALUES (1, true, 0), (2, true, 0)');
  });
  afterAll(() => app.stop());

  const retriesOf = async (sqlstate: string): Promise<number> => {
    const { values } = await databaseRetries.get();
    return values.find(({ labels }) => labels.sqlstate === sqlstate)?.value ?? NaN;
  };

  /** Runs two concurrent transactions. On the first attempt, neither does `second` before both have done `first`. */
  async function atOnce(
    [first, second]: ((tx: EntityManager, own: number, other: number) => Promise<unknown>)[],
    options: Parameters<typeof inTransaction>[2] = {},
  ): Promise<number[]> {
    const tries: number[] = [];
    let arrived = 0;
    let open = (): void => undefined;
    const bothAreThere = new Promise<void>((resolve) => (open = resolve));
    const one = async (own: number, other: number) =>
      inTransaction(
        dataSource,
        async (tx) => {
          tries.push(own);
          await first?.(tx, own, other);
          if ((arrived += 1) >= 2) open();
          await bothAreThere;
          await second?.(tx, own, other);
        },
        options,
      );
    await Promise.all([one(1, 2), one(2, 1)]);
    return tries;
  }

  it('are repeated as a whole after a deadlock', async () => {
    const before = await retriesOf('40P01');
    const change = async (tx: EntityManager, id: number) =>
      tx.query('UPDATE doctors SET changes = changes + 1 WHERE id = $1', [id]);
    const tries = await atOnce([
      async (tx, own) => {
        await tx.query("SET LOCAL deadlock_timeout = '20ms'");
        await change(tx, own);
      },
      async (tx, _own, other) => change(tx, other),
    ]);
    expect(tries).toHaveLength(3);
    expect(await app.sql('SELECT changes FROM doctors')).toEqual([{ changes: 2 }, { changes: 2 }]);
    expect((await retriesOf('40P01')) - before).toBe(1);
  });

  it('see the changes of the winner when they are repeated after a serialization failure', async () => {
    const before = await retriesOf('40001');
    const leave = async (tx: EntityManager, id: number) =>
      tx.query(
        `UPDATE doctors SET on_call = false
         WHERE id = $1 AND (SELECT count(*) FROM doctors WHERE on_call) > 1`,
        [id],
      );
    const look = async (tx: EntityManager) => tx.query('SELECT count(*) FROM doctors WHERE on_call');
    const tries = await atOnce([look, leave], { isolation: 'SERIALIZABLE' });
    expect(tries).toHaveLength(3);
    expect(await app.sql('SELECT FROM doctors WHERE on_call')).toHaveLength(1);
    expect((await retriesOf('40001')) - before).toBe(1);
  });

  it('are separate transactions on each attempt, at the requested isolation level', async () => {
    const seen: object[] = [];
    await inTransaction(
      dataSource,
      async (tx) => {
        const found = await tx.query<object[]>(
          `SELECT txid_current() AS id, current_setting('transaction_isolation') AS level, changes FROM doctors WHERE id = 1`,
        );
        seen.push(found[0] ?? {});
        await tx.query('UPDATE doctors SET changes = 7 WHERE id = 1');
        if (seen.length < 3) await raise(tx, '40001');
      },
      { isolation: 'REPEATABLE READ' },
    );
    const level = 'repeatable read';
    expect(seen).toEqual([1, 2, 3].map(() => ({ id: expect.any(String), level, changes: 0 })));
    expect(new Set(seen.map((each) => (each as { id: string }).id)).size).toBe(3);
  });

  it.each([
    ['an error of the work itself', async () => Promise.reject(new Error('no')), undefined],
    ['another error of the database', async (tx: EntityManager) => raise(tx, '23514'), undefined],
    ['a statement whose completion is unknown', async (tx: EntityManager) => raise(tx, '40003'), undefined],
    ['a persistent collision', async (tx: EntityManager) => raise(tx, '40001'), '40001'],
  ])('are rolled back with the error thrown: %s', async (_what, fail, state) => {
    let tries = 0;
    const work = inTransaction(dataSource, async (tx) => {
      tries += 1;
      await tx.query('DELETE FROM doctors');
      await fail(tx);
    });
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect([transientState(error), tries]).toEqual([state, state === undefined ? 1 : 4]);
    expect(await app.sql('SELECT FROM doctors')).toHaveLength(2);
  });

  describe('on commit', () => {
    const onCommit = async (body: string): Promise<void> => {
      await app.sql(`CREATE FUNCTION on_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body}; RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER on_commit AFTER UPDATE ON doctors DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION on_commit()`);
    };
    afterEach(async () => app.sql('DROP FUNCTION on_commit CASCADE'));

    let tries = 0;
    const commit = async () => {
      tries = 0;
      return inTransaction(dataSource, async (tx) => {
        tries += 1;
        await tx.query('UPDATE doctors SET changes = changes + 1 WHERE id = 1');
      });
    };

    it('are repeated after a collision, since nothing was committed', async () => {
      await app.sql('ALTER SEQUENCE tries RESTART');
      await onCommit("IF nextval('tries') < 3 THEN RAISE SQLSTATE '40001'; END IF");
      await commit();
      expect(tries).toBe(3);
      expect(await app.sql('SELECT changes FROM doctors WHERE id = 1')).toEqual([{ changes: 1 }]);
    });

    it('are not repeated after a lost connection, since they may have been committed', async () => {
      await onCommit('PERFORM pg_terminate_backend(pg_backend_pid())');
      await expect(commit()).rejects.toThrow();
      expect(tries).toBe(1);
    });
  });

  describe('POST /api/v1/auth/register', () => {
    const failing = async (sqlstate: string, times: number): Promise<void> => {
      await app.sql('ALTER SEQUENCE tries RESTART');
      await app.sql(`CREATE OR REPLACE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF nextval('tries') <= ${times} THEN RAISE SQLSTATE '${sqlstate}'; END IF; RETURN NEW; END $$;
        CREATE OR REPLACE TRIGGER collide BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION collide()`);
    };
    afterEach(async () => app.sql('DROP FUNCTION collide CASCADE'));

    const register = async (username: string) =>
      send(app.url, '/api/v1/auth/register', { headers: PROBLEMS, body: { username, password: PASSWORD } });
    const tries = async () =>
      Number((await app.sql<{ last_value: string }>('SELECT last_value FROM tries'))[0]?.last_value);
    const rowsOf = async (username: string) => app.sql('SELECT FROM users WHERE username = $1', [username]);

    it.each(['40001', '40P01'])('succeeds after three collisions (%s)', async (sqlstate) => {
      await failing(sqlstate, 3);
      const [username, before] = [uniqueName(), await retriesOf(sqlstate)];
      expect((await register(username)).status).toBe(200);
      expect([await tries(), (await retriesOf(sqlstate)) - before]).toEqual([4, 3]);
      expect(await rowsOf(username)).toHaveLength(1);
    });

    it.each(['40001', '40P01'])(
      'responds with 503 and Retry-After after the fourth collision (%s)',
      async (sqlstate) => {
        await failing(sqlstate, 4);
        const username = uniqueName();
        const answer = await register(username);
        expect(answer).toMatchObject({
          status: 503,
          headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) },
          body: { code: 'database.contended', title: 'Database contended' },
        });
        expect(answer.text).not.toMatch(/collide|40001|40P01|INSERT/);
        expect([await tries(), await rowsOf(username)]).toEqual([4, []]);
        expect((await register(username)).status).toBe(200);
      },
    );

    it('is not retried when the database shuts down', async () => {
      await failing('57P01', 1);
      const answer = await register(uniqueName());
      expect(answer).toMatchObject({ status: 503, body: { code: 'database.unavailable' } });
      expect(await tries()).toBe(1);
    });

    it('is not retried after another database error', async () => {
      await failing('22012', 1);
      const answer = await register(uniqueName());
      expect(answer).toMatchObject({ status: 500, body: { code: 'http.internal_error' } });
      expect(await tries()).toBe(1);
    });
  });

  it('have a retry metric that starts at zero', async () => {
    const text = await app.nest.get(Metrics).registry.getSingleMetricAsString('db_retries_total');
    expect(text).toMatch(/^db_retries_total\{sqlstate="40001"\} \d+$/m);
    expect(text).toMatch(/^db_retries_total\{sqlstate="40P01"\} \d+$/m);
  });
});

async function raise(tx: EntityManager, sqlstate: string): Promise<void> {
  await tx.query(`DO $$ BEGIN RAISE SQLSTATE '${sqlstate}'; END $$`);
}
