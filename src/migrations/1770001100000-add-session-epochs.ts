import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables whose rows belong to one epoch of an account. */
const TABLES = ['sessions', 'one_time_tokens'];

/**
 * Adds `users.session_epoch`, which counts how often an account was disabled or enabled. Sessions and links store the
 * value at their creation and are valid only while both are equal, so enabling an account does not restore them.
 *
 * A trigger on `users` counts, because the Python service may change `is_active` but has no rights on `sessions`. Both
 * changes count, so that sessions of accounts that are disabled now stay ended too. A trigger sets the epoch of rows
 * from the previous release. Existing rows have the epoch 0, as existing accounts do.
 */
export class AddSessionEpochs1770001100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE users ADD COLUMN session_epoch integer NOT NULL DEFAULT 0');
    await runner.query(`
      CREATE FUNCTION users_next_session_epoch() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
      BEGIN
        NEW.session_epoch := OLD.session_epoch + 1;
        RETURN NEW;
      END $$`);
    await runner.query(`
      CREATE TRIGGER tr_users_session_epoch BEFORE UPDATE OF is_active ON users FOR EACH ROW
      WHEN (coalesce(OLD.is_active, false) <> coalesce(NEW.is_active, false))
      EXECUTE FUNCTION users_next_session_epoch()`);
    await runner.query(`
      CREATE FUNCTION session_epoch_of_account() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
      BEGIN
        NEW.session_epoch := coalesce((SELECT session_epoch FROM ${await usersTable(runner)} WHERE id = NEW.user_id), 0);
        RETURN NEW;
      END $$`);
    for (const table of TABLES) {
      await runner.query(`ALTER TABLE ${table} ADD COLUMN session_epoch integer NOT NULL DEFAULT 0`);
      // Without a default, an insert that omits the column has NULL, which the trigger replaces.
      await runner.query(`ALTER TABLE ${table} ALTER COLUMN session_epoch DROP DEFAULT`);
      await runner.query(`
        CREATE TRIGGER tr_${table}_session_epoch BEFORE INSERT ON ${table} FOR EACH ROW
        WHEN (NEW.session_epoch IS NULL) EXECUTE FUNCTION session_epoch_of_account()`);
    }
  }

  /** Revokes the sessions and links that are invalid by their epoch, which the previous release does not know. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE sessions SET ended_at = now(), end_reason = 'revoked' FROM users
       WHERE users.id = sessions.user_id AND ended_at IS NULL AND sessions.session_epoch <> users.session_epoch`);
    await runner.query(`
      DELETE FROM one_time_tokens AS link USING users
       WHERE users.id = link.user_id AND purpose <> 'former_address' AND link.session_epoch <> users.session_epoch`);
    for (const table of ['users', ...TABLES]) await runner.query(`DROP TRIGGER tr_${table}_session_epoch ON ${table}`);
    await runner.query('DROP FUNCTION session_epoch_of_account(), users_next_session_epoch()');
    for (const table of ['users', ...TABLES]) await runner.query(`ALTER TABLE ${table} DROP COLUMN session_epoch`);
  }
}

/** `schema.users`, for a function that must not depend on the caller's search path. */
async function usersTable(runner: QueryRunner): Promise<string> {
  const [{ name = '' } = {}] = (await runner.query(
    `SELECT format('%I.%I', nspname, relname) AS name
       FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE pg_class.oid = to_regclass('users')`,
  )) as { name?: string }[];
  return name;
}
