import { accountColumns, heldAccountSql } from '../../users/account-row.js';

/** Every expiry is decided by the database's clock. The account's epoch is compared where the account is read. */
const LIVE = 'sessions.ended_at IS NULL AND now() < sessions.idle_expires_at AND now() < sessions.expires_at';

/** The account has been neither disabled nor enabled since the sign-in. */
const OF_THIS_EPOCH = 'sessions.session_epoch = users.session_epoch';

const liveOf = (user: string): string =>
  `sessions.user_id = ${user} AND ${LIVE} AND EXISTS (SELECT FROM users WHERE users.id = ${user} AND ${OF_THIS_EPOCH})`;

const days = (parameter: string): string => `make_interval(days => ${parameter}::int)`;

/**
 * Opens a session, unless its account is disabled, gone or has another password than the one that was tried. Beyond the
 * cap live ones end, those of the same device first: a script that signs in each minute ends its own, not the browser's.
 * Those whose last access token is good are spared: who signs in before every call, as clients of FastAPI do, must not lose
 * what another one has just been given.
 *
 * $1 id, $2 user, $3 password hash or null, $4 device label, $5 user agent, $6 address, $7 token hash, $8 idle days, $9 most
 * days, $10 live sessions that may stand beside the new one, $11 minutes of an access token
 */
export const OPEN = `
  WITH owner AS MATERIALIZED (${heldAccountSql('$2', '$3')}),
  seen AS (
    SELECT EXISTS (SELECT FROM sessions WHERE user_id = $2) AS any_device,
           EXISTS (SELECT FROM sessions WHERE user_id = $2 AND device_label = $4) AS this_device
  ),
  opened AS (
    INSERT INTO sessions (id, user_id, device_label, user_agent, address, token_hash, idle_expires_at, expires_at)
    SELECT $1::uuid, owner.id, $4, $5, $6, $7::bytea, now() + ${days('$8')}, now() + ${days('$9')} FROM owner
    RETURNING id
  ),
  evicted AS (
    UPDATE sessions SET ended_at = now(), end_reason = 'evicted'
    WHERE ended_at IS NULL AND EXISTS (SELECT FROM owner) AND last_used_at < now() - make_interval(mins => $11::int)
      AND id IN (
        SELECT id FROM sessions WHERE ${liveOf('$2')}
        ORDER BY device_label <> $4 DESC, last_used_at DESC, id DESC OFFSET $10
      )
    RETURNING id
  )
  SELECT seen.any_device AND NOT seen.this_device AS new_device, ARRAY(SELECT id FROM evicted) AS evicted
  FROM opened, seen`;

/**
 * Replaces the refresh token, if it is the good one of a live session of an active account: check and change are one
 * statement, so that of many at once one does it. Lifetimes that have been lowered hold at the next refresh.
 *
 * $1 id, $2 hash, $3 hash of the child, $4 idle days, $5 most days, $6 address, $7 user agent
 */
export const ROTATE = `
  UPDATE sessions SET
    previous_token_hash = token_hash, token_hash = $3, generation = generation + 1, rotated_at = clock_timestamp(),
    last_used_at = now(), idle_expires_at = now() + ${days('$4')}, address = $6, user_agent = $7
  WHERE id = $1 AND token_hash = $2 AND ${LIVE}
    AND now() < last_used_at + ${days('$4')} AND now() < created_at + ${days('$5')}
    AND EXISTS (SELECT FROM users WHERE users.id = sessions.user_id AND users.is_active AND ${OF_THIS_EPOCH})
  RETURNING user_id`;

/** What to make of a genuine token that is not the good one. $1 id, $2 grace in seconds */
export const INSPECT = `
  SELECT sessions.user_id, generation, token_hash, previous_token_hash,
    ${LIVE} AND users.is_active IS TRUE AND ${OF_THIS_EPOCH} AS live,
    coalesce(clock_timestamp() < rotated_at + make_interval(secs => $2::int), false) AS in_grace
  FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.id = $1`;

/** $1 id, $2 reason, $3 user or null for anybody */
export const END = `
  UPDATE sessions SET ended_at = now(), end_reason = $2
  WHERE id = $1 AND ended_at IS NULL AND ($3::int IS NULL OR user_id = $3)
  RETURNING user_id`;

/** Also those that have expired: a clock that is set back must not revive them. $1 user, $2 reason, $3 the one that stays or null */
export const END_ALL = `
  UPDATE sessions SET ended_at = now(), end_reason = $2
  WHERE user_id = $1 AND ended_at IS NULL AND ($3::uuid IS NULL OR id <> $3)`;

/**
 * Accounts by their ids, and in one more row, without an id, which of the sessions are live: `user epoch session`, with
 * commas between them. Two queries in one: to plan a join costs twice as much as to plan both. A text, since the driver
 * reads an array character by character. $1 users, $2 sessions
 */
export const LIVE_PRINCIPALS = `
  SELECT ${accountColumns('users')}, users.session_epoch, NULL AS live FROM users WHERE users.id = ANY($1)
  UNION ALL
  SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    string_agg(sessions.user_id || ' ' || sessions.session_epoch || ' ' || sessions.id, ',')
  FROM sessions WHERE sessions.id = ANY($2) AND ${LIVE}`;

/** Somebody's live sessions; conditions and order of a page follow. $1 user */
export const LISTED = `
  SELECT id, device_label, user_agent, address, created_at, last_used_at, LEAST(idle_expires_at, expires_at) AS ends_at
  FROM sessions WHERE ${liveOf('$1')}`;

/** $1 user */
export const COUNT_LISTED = `SELECT count(*)::int AS sessions FROM sessions WHERE ${liveOf('$1')}`;

/**
 * One step of the purge: looks at the next rows by id, and deletes those that have been over for so long. Ids are in the
 * order of time and never change, so each row is looked at once, in small statements. $1 last id, $2 rows, $3 days
 */
export const PURGE = `
  WITH page AS (
    SELECT id, LEAST(coalesce(ended_at, 'infinity'), idle_expires_at, expires_at) < now() - ${days('$3')} AS over
    FROM sessions WHERE id > $1 ORDER BY id LIMIT $2
  ),
  gone AS (DELETE FROM sessions WHERE id IN (SELECT id FROM page WHERE over) RETURNING id)
  SELECT (SELECT id FROM page ORDER BY id DESC LIMIT 1) AS last, (SELECT count(*)::int FROM gone) AS purged`;
