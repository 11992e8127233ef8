import { SqlStatement } from '../../platform/database/sql-statement.js';

/**
 * Sets the hash and the expiry of a link when its message is first sent, and returns the stored values afterwards. Does
 * nothing if the account has been disabled or enabled since.
 *
 * SQL because the check and the change are one statement: two processes may send the message at the same time.
 */
export const ISSUE = new SqlStatement<{ id: string; purpose: string; hash: Buffer; lifetimeMinutes: number }>(`
  UPDATE one_time_tokens
     SET token_hash = coalesce(token_hash, $hash),
         expires_at = coalesce(expires_at, now() + make_interval(mins => $lifetimeMinutes::int))
   WHERE id = $id AND purpose = $purpose AND coalesce(expires_at > now(), true)
     AND session_epoch = (SELECT users.session_epoch FROM users WHERE users.id = one_time_tokens.user_id)
  RETURNING token_hash, ceil(extract(epoch FROM expires_at - now()) / 60)::int AS minutes`);
