import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Stores which refresh of a session is known to have reached its client. Earlier refreshes count as confirmed, so that a
 * used token stays used. Those of the last minutes, and those of the previous release from now on, count as unconfirmed
 * until their token is presented: a client whose answer was lost stays signed in.
 */
export class AddRefreshConfirmations1770001150000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE sessions
        ADD COLUMN confirmed_generation integer NOT NULL DEFAULT 0,
        ADD COLUMN confirmed_at timestamptz,
        ADD COLUMN previous_confirmed_at timestamptz`);
    await runner.query(`
      UPDATE sessions SET confirmed_generation = generation, confirmed_at = rotated_at
      WHERE rotated_at < now() - interval '5 minutes'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE sessions
        DROP COLUMN previous_confirmed_at,
        DROP COLUMN confirmed_at,
        DROP COLUMN confirmed_generation`);
  }
}
