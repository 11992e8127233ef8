import type pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { migrateQueueSchema, QUEUE_SCHEMA } from '../jobs/job-queue-schema.js';

/**
 * Grants the queue to the roles that may insert accounts. graphile-worker enables row security without a policy, which
 * would exclude every role but the owner.
 */
const GRANT_QUEUE = `
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
 * Creates the job queue, a schema with graphile-worker's own migrations. Roles that may insert accounts may use it, so
 * a service whose role owns no tables (deploy/postgres/strict.sql) needs no new grant.
 *
 * An upgrade of graphile-worker that has new migrations needs a migration here that calls `migrateQueueSchema` again.
 */
export class CreateJobs1770000200000 implements MigrationInterface {
  /** graphile-worker runs its migrations in separate transactions on another connection. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    const { master } = runner.dataSource.driver as unknown as { master: pg.Pool };
    await migrateQueueSchema(master);
    await runner.query(GRANT_QUEUE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP SCHEMA ${QUEUE_SCHEMA} CASCADE`);
  }
}
