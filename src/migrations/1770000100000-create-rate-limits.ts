import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Creates the table of limits that are counted exactly across all processes: failed sign-ins and registrations. It is
 * unlogged, because every sign-in writes to it: its rows are not in the write-ahead log, replicas and archives, and a
 * crash of PostgreSQL loses the counts of the last minutes.
 */
export class CreateRateLimits1770000100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE UNLOGGED TABLE rate_limits (
        key text NOT NULL,
        points integer NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT pk_rate_limits PRIMARY KEY (key)
      )`);
    await runner.query('CREATE INDEX ix_rate_limits_expires_at ON rate_limits (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE rate_limits');
  }
}
