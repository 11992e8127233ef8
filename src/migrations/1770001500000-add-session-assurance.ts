import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Stores how and when the user of a session last authenticated. All existing sessions began with a password. The
 * defaults are for the previous release, which opens sessions without these columns during a reload.
 *
 * Adding the columns does not rewrite the table, but the update does, once. The table is small, because sessions are
 * purged 30 days after their end.
 */
export class AddSessionAssurance1770001500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE sessions
        ADD COLUMN aal smallint NOT NULL DEFAULT 1,
        ADD COLUMN amr text[] NOT NULL DEFAULT '{pwd}',
        ADD COLUMN authenticated_at timestamptz NOT NULL DEFAULT now()`);
    await runner.query('UPDATE sessions SET authenticated_at = created_at');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE sessions
        DROP COLUMN authenticated_at,
        DROP COLUMN amr,
        DROP COLUMN aal`);
  }
}
