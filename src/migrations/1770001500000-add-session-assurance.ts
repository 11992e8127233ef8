import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Stores how and when the user of a session has last proved who they are. All sessions so far began with a password.
 * The defaults serve the previous release, which opens sessions without these columns during a reload.
 *
 * Adding the columns does not rewrite the table. The update does, once: sessions over for 30 days are purged, so the
 * table stays small.
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
