import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How somebody wants to be called: neither unique nor for signing in. */
export class AddDisplayName1770000600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE users ADD COLUMN display_name varchar(100)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE users DROP COLUMN display_name');
  }
}
