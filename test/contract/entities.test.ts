import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { withDataSource } from '../support/schema-data-source.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';
import { adopt, deploymentOf, DUMP } from './existing-deployment.js';

/** Tables of the service's schema. Partitions belong to their table, `schema_migrations` to TypeORM. */
const TABLES = `
  SELECT relname AS name FROM pg_class
   WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
     AND relname <> 'schema_migrations' ORDER BY 1`;

/** Differences between entities and database: tables without an entity, and statements of `migration:generate`. */
async function disagreementsIn(database: DatabaseSettings): Promise<string[]> {
  const tables = await query<{ name: string }>(database, TABLES);
  return withDataSource(database, async (dataSource) => {
    const known = new Set(dataSource.entityMetadatas.map(({ tableName }) => tableName));
    const unknown = tables.filter(({ name }) => !known.has(name));
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    return [...unknown.map(({ name }) => `no entity for ${name}`), ...upQueries.map(({ query: sql }) => sql)];
  });
}

describe('the entities', () => {
  it.each<[string, () => Promise<DatabaseSettings>]>([
    ['a new database', () => createDatabase()],
    ['an adopted database', () => deploymentOf(DUMP)],
  ])('match every table of %s', async (_what, make) => {
    const database = await make();
    await adopt(database);
    expect(await disagreementsIn(database)).toEqual([]);
    await dropDatabase(database);
  });

  it('have relations only from child to parent', async () => {
    const database = await createDatabase();
    const relations = await withDataSource(database, async ({ entityMetadatas }) =>
      entityMetadatas.flatMap(({ tableName, relations }) =>
        relations.map((relation) => `${tableName} → ${relation.inverseEntityMetadata.tableName}`),
      ),
    );
    expect(relations.toSorted()).toEqual([
      'one_time_tokens → users',
      'session_networks → sessions',
      'sessions → users',
    ]);
    await dropDatabase(database);
  });

  it.each([
    ['a table without an entity', 'CREATE TABLE leftovers (id integer PRIMARY KEY)', /^no entity for leftovers$/],
    ['an entity without a table', 'DROP TABLE hash_demands', /^CREATE TABLE "hash_demands"/],
    ['a missing column', 'ALTER TABLE users DROP COLUMN updated_at', /^ALTER TABLE "users" ADD "updated_at"/],
    ['an unknown column', 'ALTER TABLE sessions ADD COLUMN extra text', /^ALTER TABLE "sessions" DROP COLUMN "extra"/],
    ['another type', 'ALTER TABLE audit_seals ALTER COLUMN events TYPE bigint', /"events"/],
    ['another length', 'ALTER TABLE deletion_notices ALTER COLUMN email TYPE varchar(120)', /"email"/],
    ['a column of a partitioned table', 'ALTER TABLE audit_events ADD COLUMN extra text', /"extra"/],
    ['a column that may be null', 'ALTER TABLE rate_limits ALTER COLUMN points DROP NOT NULL', /"points" SET NOT NULL/],
    ['a column that may not be null', 'ALTER TABLE users ALTER COLUMN email SET NOT NULL', /"email" DROP NOT NULL/],
    ['a missing default', 'ALTER TABLE rate_limits ALTER COLUMN places DROP DEFAULT', /"places" SET DEFAULT/],
    ['another default', 'ALTER TABLE audit_events ALTER COLUMN occurred_at SET DEFAULT now()', /clock_timestamp/],
    ['an unknown default', `ALTER TABLE sessions ALTER COLUMN address SET DEFAULT ''`, /"address" DROP DEFAULT/],
    ['a missing index', 'DROP INDEX ix_audit_events_subject', /^CREATE INDEX "ix_audit_events_subject"/],
    ['an unknown index', 'CREATE INDEX ix_extra ON one_time_tokens (email)', /^DROP INDEX "public"."ix_extra"/],
    [
      'a missing foreign key',
      'ALTER TABLE session_networks DROP CONSTRAINT fk_session_networks_session_id',
      /^ALTER TABLE "session_networks" ADD CONSTRAINT "fk_session_networks_session_id"/,
    ],
  ])('do not match %s', async (_what, change, expected) => {
    const database = await createDatabase();
    await query(database, change);
    expect(await disagreementsIn(database)).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
    await dropDatabase(database);
  });
});
