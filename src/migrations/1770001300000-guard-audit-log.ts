import type { MigrationInterface, QueryRunner } from 'typeorm';
import { makeMonthFunction, OWN_MONTHS_ONLY } from './audit-functions.js';
import { checkSealFunction, NARROW_BOOKKEEPING_RIGHTS } from './audit-guards.js';

/**
 * Prevents a role that owns no tables (deploy/postgres/strict.sql) from inserting seals that do not continue the chain,
 * creating months that the service does not need, and writing the lists of migrations.
 */
export class GuardAuditLog1770001300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const schema = await schemaOf(runner);
    await runner.query(checkSealFunction(schema));
    await runner.query('REVOKE ALL ON FUNCTION audit_check_seal() FROM PUBLIC');
    await runner.query(`CREATE TRIGGER tr_audit_seals_chain BEFORE INSERT ON audit_seals
      FOR EACH ROW EXECUTE FUNCTION audit_check_seal()`);
    await runner.query(makeMonthFunction(schema, OWN_MONTHS_ONLY));
    for (const sql of NARROW_BOOKKEEPING_RIGHTS) await runner.query(sql);
  }

  /** Does not restore the rights: no earlier version needs them. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(makeMonthFunction(await schemaOf(runner)));
    await runner.query('DROP TRIGGER tr_audit_seals_chain ON audit_seals');
    await runner.query('DROP FUNCTION audit_check_seal()');
  }
}

async function schemaOf(runner: QueryRunner): Promise<string> {
  const [{ schema = '' } = {}] = (await runner.query(
    `SELECT relnamespace::regnamespace::text AS schema FROM pg_class WHERE oid = 'audit_seals'::regclass`,
  )) as { schema?: string }[];
  return schema;
}
