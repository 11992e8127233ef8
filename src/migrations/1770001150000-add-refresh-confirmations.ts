import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Stores which refresh of a session has reached its client. Existing refreshes count as confirmed, so that a used token
 * stays used. Refreshes of the last five minutes and later ones of the previous release count as unconfirmed until
 * their token is used, so that a client whose response was lost stays signed in.
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
