import { ConfigurationError } from '../platform/config/configuration-error.js';
import type { SqlRunner } from '../platform/database/migrate.js';

const DEFAULT_PATH = '"$user", public';

interface SearchPath {
  /** The schema in which tables would be created. Null if the path contains no usable schema. */
  schema: string | null;
  path: string;
  /** Whether the connection sets the path, by `options` in the URL or PGOPTIONS, and not the role or the database. */
  isExplicit: boolean;
  role: string;
  /** Whether a table `users` is found on the path. */
  hasUsers: boolean;
  /** Tables `users` with accounts in the schemas that the server searches by default. */
  elsewhere: string[];
}

/**
 * Searches PostgreSQL's default path (`boot_val`, "$user" and public) and the server's value for this session
 * (`reset_val`). `current_schemas` would omit a schema that the role may not use.
 */
const SEARCH_PATH = `
  SELECT current_schema() AS schema, current_setting('search_path') AS path, source IN ('session', 'client') AS "isExplicit",
         current_user::text AS role, to_regclass('users') IS NOT NULL AS "hasUsers",
         ARRAY(SELECT format('%I.users', nspname)
                 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                 JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'hashed_password' AND NOT attisdropped
                WHERE relname = 'users' AND relkind IN ('r', 'p') AND nspname IN (
                  SELECT CASE name WHEN '$user' THEN current_user ELSE name END
                    FROM unnest(string_to_array(boot_val || ',' || reset_val, ',')) AS word,
                         trim(BOTH FROM replace(word, '"', '')) AS name)
                ORDER BY nspname) AS elsewhere
    FROM pg_settings WHERE name = 'search_path'`;

/**
 * Refuses to create an empty table of accounts if there are accounts on the server's default search path, which a
 * search path of the role or a schema with the role's name may hide. An explicit search path confirms that this is
 * intended.
 *
 * @throws ConfigurationError with the schemas and both remedies
 */
export async function refuseHiddenAccounts(database: SqlRunner): Promise<void> {
  const [found] = (await database.query(SEARCH_PATH)) as SearchPath[];
  if (!found || found.hasUsers) return;
  const { schema, path, role } = found;
  // On the default path, the role lacks USAGE on `public`, which the check of its rights reports.
  if (schema === null && path === DEFAULT_PATH) return;
  if (schema === null) {
    throw new ConfigurationError(
      `The search_path (${path}) contains no existing schema that the role ${role} may use; nothing was changed. ` +
        `Create the schema (CREATE SCHEMA … AUTHORIZATION ${role}), or correct options in DATABASE_URL or PGOPTIONS.`,
    );
  }
  if (found.isExplicit || found.elsewhere.length === 0) return;
  throw new ConfigurationError(
    [
      `The database has accounts in ${found.elsewhere.join(' and ')}, but the search_path (${path}) leads to the schema ${schema}, which has no table users; nothing was changed.`,
      `  - To use these accounts, add their schema to the path: add ?options=-csearch_path%3D… to DATABASE_URL, or set PGOPTIONS=-csearch_path=…, and grant the role ${role} USAGE on their schema.`,
      `  - To start without accounts in ${schema}, set PGOPTIONS=-csearch_path=${schema}.`,
    ].join('\n'),
  );
}
