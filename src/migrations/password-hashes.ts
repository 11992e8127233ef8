import type { SqlRunner } from '../platform/database/migrate.js';

/**
 * Matches hashes that bcrypt can verify: `$2a$`, `$2b$` and PHP's `$2y$`. The unused bits of salt and hash must be 0,
 * as in the text with which bcrypt compares them.
 */
const VERIFIABLE = String.raw`^\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.26CGKOSWaeimquy]$`;

/** Counts accounts that cannot sign in by the kind of their hash. Never selects a hash. */
const UNUSABLE = `
  SELECT kind, count(*)::int AS accounts
    FROM (SELECT CASE WHEN coalesce(hashed_password, '') = '' THEN 'empty'
                      WHEN hashed_password ~ '${VERIFIABLE}' THEN NULL
                      WHEN hashed_password ~* '^[$]?argon2' THEN 'argon2'
                      WHEN hashed_password ~* '^[$]?pbkdf2' THEN 'pbkdf2'
                      WHEN hashed_password ~* '^[$]?scrypt' THEN 'scrypt'
                      WHEN hashed_password ~* '^[$]?bcrypt' THEN 'bcrypt of a hash'
                      WHEN hashed_password LIKE '$2%' THEN 'malformed bcrypt'
                      WHEN hashed_password ~ '^[$][1-9y]' THEN 'crypt'
                      ELSE 'unknown' END AS kind
            FROM users) AS hashes
   WHERE kind IS NOT NULL GROUP BY kind ORDER BY accounts DESC, kind`;

export interface UnusableHashes {
  kind: string;
  accounts: number;
}

/** Counts the accounts whose password hash can never be verified. */
export async function unusableHashes(runner: SqlRunner): Promise<UnusableHashes[]> {
  return (await runner.query(UNUSABLE)) as UnusableHashes[];
}

/** `3 accounts have a password hash that can never be verified (argon2 2, empty 1)`. Undefined if there are none. */
export function describeUnusable(hashes: readonly UnusableHashes[]): string | undefined {
  const total = hashes.reduce((sum, { accounts }) => sum + accounts, 0);
  if (total === 0) return undefined;
  const kinds = hashes.map(({ kind, accounts }) => `${kind} ${accounts}`).join(', ');
  const who = total === 1 ? '1 account has' : `${total} accounts have`;
  return `${who} a password hash that can never be verified (${kinds})`;
}
