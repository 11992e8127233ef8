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
 * The columns that a query of another feature selects to load accounts with its own rows in one round trip.
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
