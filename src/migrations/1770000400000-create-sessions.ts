import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Creates the sessions with their current and previous refresh token. A refresh changes no indexed column, and the fill
 * factor leaves space in each page, so that it is a HOT update, which touches no index.
 */
export class CreateSessions1770000400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sessions (
        id uuid NOT NULL,
        user_id integer NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_used_at timestamptz NOT NULL DEFAULT now(),
        idle_expires_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        ended_at timestamptz,
        end_reason character varying(32),
        device_label character varying(100) NOT NULL,
        user_agent character varying(512),
        address character varying(64) NOT NULL,
        token_hash bytea NOT NULL,
        previous_token_hash bytea,
        rotated_at timestamptz,
        generation integer NOT NULL DEFAULT 0,
        CONSTRAINT pk_sessions PRIMARY KEY (id),
        CONSTRAINT fk_sessions_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
      ) WITH (fillfactor = 80)`);
    await runner.query('CREATE INDEX ix_sessions_user_id_device_label ON sessions (user_id, device_label)');
    await runner.query('CREATE INDEX ix_sessions_user_id_live ON sessions (user_id) WHERE ended_at IS NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE sessions');
  }
}
