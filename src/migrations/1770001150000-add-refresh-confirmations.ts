import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which refresh of a session is known to have reached its client. Refreshes of earlier rows, and those that the previous
 * release makes, count as unconfirmed until their token is presented: a client whose answer was lost stays signed in.
 */
export class AddRefreshConfirmations1770001150000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE sessions
        ADD COLUMN confirmed_generation integer NOT NULL DEFAULT 0,
        ADD COLUMN confirmed_at timestamptz,
        ADD COLUMN previous_confirmed_at timestamptz`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE sessions
        DROP COLUMN previous_confirmed_at,
        DROP COLUMN confirmed_at,
        DROP COLUMN confirmed_generation`);
  }
}
