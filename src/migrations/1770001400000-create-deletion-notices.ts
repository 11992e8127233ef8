import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Addresses of accounts that were deleted, for the one message that tells their owners. No row stays for 24 hours. */
export class CreateDeletionNotices1770001400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE deletion_notices (
        id uuid NOT NULL,
        username varchar(50) NOT NULL,
        email varchar(100) NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_deletion_notices PRIMARY KEY (id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE deletion_notices');
  }
}
