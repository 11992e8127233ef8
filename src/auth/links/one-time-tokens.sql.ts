import { SqlStatement } from '../../platform/database/sql-statement.js';

/**
 * Sets the hash and the lifetime of a link when its message is first sent; later sendings keep them. A link of an
 * account that was disabled or enabled since is left alone.
 *
 * SQL because the check and the change are one statement: two processes may send at once.
 */
export const ISSUE = new SqlStatement<{ id: string; purpose: string; hash: Buffer; lifetimeMinutes: number }>(`
  UPDATE one_time_tokens
     SET token_hash = coalesce(token_hash, $hash),
         expires_at = coalesce(expires_at, now() + make_interval(mins => $lifetimeMinutes::int))
   WHERE id = $id AND purpose = $purpose AND coalesce(expires_at > now(), true)
     AND session_epoch = (SELECT users.session_epoch FROM users WHERE users.id = one_time_tokens.user_id)
  RETURNING token_hash, ceil(extract(epoch FROM expires_at - now()) / 60)::int AS minutes`);
