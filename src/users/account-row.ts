import type { Account, User } from './user.entity.js';

/** A row of `accountColumns`. */
export interface AccountRow {
  id: number;
  username: string;
  email: string | null;
  is_active: boolean | null;
  is_superuser: boolean | null;
  created_at: User['createdAt'];
}

/**
 * What a query of another feature selects to have accounts beside its own rows, without a second round trip.
 *
 * @param table name or alias of `users` in that query
 */
export function accountColumns(table: string): string {
  return ['id', 'username', 'email', 'is_active', 'is_superuser', 'created_at']
    .map((column) => `${table}.${column}`)
    .join(', ');
}

export function accountFromRow(row: AccountRow): Account {
  return {
    id: row.id,
    username: row.username,
    email: row.email,
    isActive: row.is_active === true,
    isSuperuser: row.is_superuser === true,
    createdAt: row.created_at,
  };
}

/**
 * The query that gives the id of an active account and keeps it as it is until the end of the transaction: who changes its
 * password or disables it waits, and finds what the transaction wrote.
 *
 * @param id a parameter: `$1`
 * @param passwordHash a parameter; the account is none when its hash is another by now. NULL asks for no certain one.
 */
export function heldAccountSql(id: string, passwordHash: string): string {
  return `SELECT id FROM users WHERE id = ${id} AND is_active
    AND (${passwordHash}::text IS NULL OR hashed_password = ${passwordHash}) FOR SHARE`;
}
