import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Stores addresses of deleted accounts for the message to their owners. Each row is deleted in less than 24 hours. */
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
