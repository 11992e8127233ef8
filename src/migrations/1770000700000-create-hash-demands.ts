import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Creates the demand for password hashes of each process, which all processes read during a flood. Unlogged, because a
 * row is useless after a minute.
 */
export class CreateHashDemands1770000700000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE UNLOGGED TABLE hash_demands (
        process uuid NOT NULL,
        demands jsonb NOT NULL,
        told_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_hash_demands PRIMARY KEY (process)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE hash_demands');
  }
}
