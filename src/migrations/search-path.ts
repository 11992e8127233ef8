import { ConfigurationError } from '../platform/config/configuration-error.js';
import type { SqlRunner } from '../platform/database/migrate.js';

const DEFAULT_PATH = '"$user", public';

interface Place {
  /** The schema where tables would be created; null if the path leads to none. */
  schema: string | null;
  path: string;
  /** Set by the connection itself, by `options` of the URL or PGOPTIONS, rather than by the role or the database. */
  isExplicit: boolean;
  role: string;
  /** Whether the path leads to a table `users`. */
  hasUsers: boolean;
  /** Tables `users` with accounts, in the schemas that the server searches by default. */
  elsewhere: string[];
}

/**
 * Searches PostgreSQL's own default (`boot_val`, "$user" and public) and the server's value for this session
 * (`reset_val`). `current_schemas` would leave out a schema that the role may not use.
 */
const PLACE = `
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
 * Refuses to create an empty table of accounts while the server's default search path leads to accounts: a search path
 * of the role, or a schema with the role's name, would hide them. An explicit search path confirms that this is
 * intended.
 *
 * @throws ConfigurationError that says what was found, and both ways out
 */
export async function refuseHiddenAccounts(database: SqlRunner): Promise<void> {
  const [place] = (await database.query(PLACE)) as Place[];
  if (!place || place.hasUsers) return;
  const { schema, path, role } = place;
  // On the default path the role lacks USAGE on `public`, which the check of its rights says.
  if (schema === null && path === DEFAULT_PATH) return;
  if (schema === null) {
    throw new ConfigurationError(
      `The search_path (${path}) leads to no schema that exists and that the role ${role} may use; nothing was changed. ` +
        `Create the schema (CREATE SCHEMA … AUTHORIZATION ${role}), or correct options in DATABASE_URL or PGOPTIONS.`,
    );
  }
  if (place.isExplicit || place.elsewhere.length === 0) return;
  throw new ConfigurationError(
    [
      `The database has accounts in ${place.elsewhere.join(' and ')}, and the search_path (${path}) leads to the schema ${schema}, which has no table users; nothing was changed.`,
      `  - To use these accounts, let the path lead to them: add ?options=-csearch_path%3D… to DATABASE_URL, or set PGOPTIONS=-csearch_path=…, and grant the role ${role} USAGE on their schema.`,
      `  - To start without accounts in ${schema}, set PGOPTIONS=-csearch_path=${schema}.`,
    ].join('\n'),
  );
}
