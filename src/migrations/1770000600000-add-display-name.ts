import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds a display name, which is not unique and not used to sign in. */
export class AddDisplayName1770000600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE users ADD COLUMN display_name varchar(100)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE users DROP COLUMN display_name');
  }
}
