import { foldedSql } from '../platform/database/folded-sql.js';
import { SqlStatement } from '../platform/database/sql-statement.js';
import { USERNAME_MAX_LENGTH } from './username.js';

/**
 * Finds the account of the first spelling that has one, and the folded form of the last spelling.
 *
 * SQL because one statement must take the same time for known and unknown names.
 */
export const FIND_BY_NAME = new SqlStatement<{ spellings: readonly string[]; last: string | undefined }>(`
  SELECT left(${foldedSql('$last::text')}, ${USERNAME_MAX_LENGTH}) AS typed_name_folded, found.*
    FROM (VALUES (1)) AS always
    LEFT JOIN LATERAL (
      SELECT users.* FROM unnest($spellings::text[]) WITH ORDINALITY AS spelling (name, rank)
        JOIN users ON ${foldedSql('users.username')} = ${foldedSql('spelling.name')}
       ORDER BY spelling.rank, users.username = spelling.name DESC LIMIT 1
    ) AS found ON true`);

/**
 * Checks deferred constraints immediately. At the commit, a violation could not be distinguished from other errors.
 *
 * SQL because TypeORM cannot set constraints.
 */
export const CHECK_CONSTRAINTS = new SqlStatement('SET CONSTRAINTS ALL IMMEDIATE');
