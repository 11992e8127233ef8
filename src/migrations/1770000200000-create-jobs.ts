import type pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { migrateQueueSchema, QUEUE_SCHEMA } from '../jobs/job-queue-schema.js';

/** Only the owner of a table is exempt from its row security, and graphile-worker declares it without a policy. */
const OPEN_TO_GRANTED = `
  DO $$
  DECLARE
    guarded regclass;
    grantee name;
  BEGIN
    FOR guarded IN SELECT oid FROM pg_class WHERE relnamespace = '${QUEUE_SCHEMA}'::regnamespace AND relrowsecurity LOOP
      EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', guarded);
    END LOOP;
    FOR grantee IN
      SELECT DISTINCT granted.grantee FROM information_schema.role_table_grants granted
       WHERE table_schema = current_schema() AND table_name = 'users' AND privilege_type = 'INSERT'
         AND granted.grantee <> current_user
    LOOP
      EXECUTE format('GRANT USAGE ON SCHEMA ${QUEUE_SCHEMA} TO %I', grantee);
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${QUEUE_SCHEMA} TO %I', grantee);
      EXECUTE format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${QUEUE_SCHEMA} TO %I', grantee);
    END LOOP;
  END $$`;

/**
 * The job queue, a schema that graphile-worker makes by its own migrations. Who may write accounts may use it: a service
 * that runs as a role without tables of its own (deploy/postgres/strict.sql) needs no new grant.
 *
 * A newer graphile-worker with migrations of its own needs a migration here that calls `migrateQueueSchema` again.
 */
export class CreateJobs1770000200000 implements MigrationInterface {
  /** graphile-worker's migrations are transactions of their own, on a connection of their own. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    const { master } = runner.dataSource.driver as unknown as { master: pg.Pool };
    await migrateQueueSchema(master);
    await runner.query(OPEN_TO_GRANTED);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP SCHEMA ${QUEUE_SCHEMA} CASCADE`);
  }
}
