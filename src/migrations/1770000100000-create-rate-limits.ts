import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is counted exactly over all processes: failed sign-ins and registrations. Unlogged, since every sign-in writes
 * here: nothing of it goes into the write-ahead log, to a replica or into an archive, and a crash of PostgreSQL forgets
 * the counts of the last minutes.
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
