/** The account has been neither disabled nor enabled since the message was enqueued. */
const OF_THIS_EPOCH =
  'session_epoch = (SELECT users.session_epoch FROM users WHERE users.id = one_time_tokens.user_id)';

/**
 * The links of an account that can be sent again, newest first: those that wait to be sent and those with enough life left.
 *
 * $1 account, $2 purpose, $3 address of the message, $4 address of the account or null, $5 minutes that must be left
 */
export const REUSABLE = `
  SELECT id, token_hash FROM one_time_tokens
   WHERE user_id = $1 AND purpose = $2 AND email COLLATE "C" = $3
     AND account_email COLLATE "C" IS NOT DISTINCT FROM $4
     AND COALESCE(expires_at >= now() + make_interval(mins => $5::int), true) AND ${OF_THIS_EPOCH}
   ORDER BY created_at DESC, id`;

/**
 * Sets the hash and the lifetime of a link when its message is first sent; later sendings keep them. It is one
 * statement, because two processes may send at once.
 *
 * $1 id, $2 purpose, $3 hash, $4 minutes of its life
 */
export const ARM = `
  UPDATE one_time_tokens
     SET token_hash = COALESCE(token_hash, $3), expires_at = COALESCE(expires_at, now() + make_interval(mins => $4::int))
   WHERE id = $1 AND purpose = $2 AND COALESCE(expires_at > now(), true) AND ${OF_THIS_EPOCH}
  RETURNING token_hash, ceil(extract(epoch FROM expires_at - now()) / 60)::int AS minutes`;

/**
 * Marks the sent links of an account to one address as redeemed: several may wait in its mailbox, and any may be opened next.
 *
 * $1 account, $2 purpose, $3 address of the message, $4 purpose of a redeemed link
 */
export const REDEEM = `
  UPDATE one_time_tokens SET purpose = $4
   WHERE user_id = $1 AND purpose = $2 AND email COLLATE "C" = $3 AND token_hash IS NOT NULL AND ${OF_THIS_EPOCH}`;

/** A link that has not expired. $1 hash, $2 purposes */
export const FIND = `
  SELECT id, user_id AS "userId", purpose, email, account_email AS "accountEmail"
    FROM one_time_tokens WHERE token_hash = $1 AND purpose = ANY($2) AND expires_at > now() AND ${OF_THIS_EPOCH}`;
