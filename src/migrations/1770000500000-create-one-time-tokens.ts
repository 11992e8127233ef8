import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Creates the links in messages, and adds the verification of e-mail addresses. The defaults apply to existing rows and
 * to rows from the Python service and the previous release: their addresses are not verified, and need not be.
 */
export class CreateOneTimeTokens1770000500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE users
        ADD COLUMN email_verified_at timestamptz,
        ADD COLUMN must_verify_email boolean NOT NULL DEFAULT false`);
    await runner.query(`
      CREATE TABLE one_time_tokens (
        id uuid NOT NULL,
        user_id integer NOT NULL,
        purpose varchar(32) NOT NULL,
        email varchar(100) NOT NULL,
        token_hash bytea,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        CONSTRAINT pk_one_time_tokens PRIMARY KEY (id),
        CONSTRAINT fk_one_time_tokens_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
      )`);
    await runner.query('CREATE UNIQUE INDEX uq_one_time_tokens_token_hash ON one_time_tokens (token_hash)');
    await runner.query('CREATE INDEX ix_one_time_tokens_user_id ON one_time_tokens (user_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE one_time_tokens');
    await runner.query('ALTER TABLE users DROP COLUMN must_verify_email, DROP COLUMN email_verified_at');
  }
}
