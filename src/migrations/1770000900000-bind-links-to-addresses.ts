import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Binds links and the verified state to the address they belong to. The trigger runs for every writer of `users`,
 * including the previous release and the Python service. A statement that writes both columns, such as the confirmation
 * of a new address, keeps the values it writes.
 */
export class BindLinksToAddresses1770000900000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE one_time_tokens ADD COLUMN account_email varchar(100)');
    // Without a column list and WHEN, either of which would prevent the Python service from changing the column's type.
    await runner.query(`
      CREATE FUNCTION users_clear_email_verification() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.email COLLATE "C" IS DISTINCT FROM OLD.email COLLATE "C"
           AND NEW.email_verified_at IS NOT DISTINCT FROM OLD.email_verified_at
        THEN
          NEW.email_verified_at := NULL;
        END IF;
        RETURN NEW;
      END $$`);
    await runner.query(`
      CREATE TRIGGER users_clear_email_verification BEFORE UPDATE ON users
        FOR EACH ROW EXECUTE FUNCTION users_clear_email_verification()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER users_clear_email_verification ON users');
    await runner.query('DROP FUNCTION users_clear_email_verification()');
    await runner.query('ALTER TABLE one_time_tokens DROP COLUMN account_email');
  }
}
