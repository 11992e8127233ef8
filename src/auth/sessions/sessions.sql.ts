import { accountColumns } from '../../users/account-row.js';

/** Every expiry is decided by the database's clock. The account's epoch is compared where the account is read. */
const LIVE = 'sessions.ended_at IS NULL AND now() < sessions.idle_expires_at AND now() < sessions.expires_at';

/** The account has been neither disabled nor enabled since the sign-in. */
const OF_THIS_EPOCH = 'sessions.session_epoch = users.session_epoch';

const liveOf = (user: string): string =>
  `sessions.user_id = ${user} AND ${LIVE} AND EXISTS (SELECT FROM users WHERE users.id = ${user} AND ${OF_THIS_EPOCH})`;

const days = (parameter: string): string => `make_interval(days => ${parameter}::int)`;

/**
 * Opens a session of an account that the transaction has locked, and ends live ones beyond two caps. Beyond the first
 * cap, sessions whose last access token has expired end, those of the same device first: a script that signs in every
 * minute ends its own sessions, not the browser's. Sessions with a valid access token stay, because clients of FastAPI
 * sign in before every call and must not end the session of another client. Beyond the second cap the least recently
 * used sessions end.
 *
 * $1 id, $2 user, $3 device label, $4 user agent, $5 address, $6 token hash, $7 idle days, $8 most days, $9 first cap for the
 * other sessions, $10 minutes of an access token, $11 second cap for the other sessions, $12 most ids that are listed
 */
export const OPEN = `
  WITH seen AS (
    SELECT EXISTS (SELECT FROM sessions WHERE user_id = $2) AS any_device,
           EXISTS (SELECT FROM sessions WHERE user_id = $2 AND device_label = $3) AS this_device
  ),
  opened AS (
    INSERT INTO sessions (id, user_id, device_label, user_agent, address, token_hash, idle_expires_at, expires_at)
    VALUES ($1::uuid, $2, $3, $4, $5, $6::bytea, now() + ${days('$7')}, now() + ${days('$8')})
  ),
  others AS (
    SELECT id, last_used_at < now() - make_interval(mins => $10::int) AS unused,
           row_number() OVER (ORDER BY device_label <> $3 DESC, last_used_at DESC, id DESC) AS place,
           row_number() OVER (ORDER BY last_used_at DESC, id DESC) AS place_by_use
      FROM sessions WHERE ${liveOf('$2')}
  ),
  evicted AS (
    UPDATE sessions SET ended_at = now(), end_reason = 'evicted' FROM others
     WHERE sessions.id = others.id AND ended_at IS NULL AND (unused AND place > $9 OR place_by_use > $11)
    RETURNING sessions.id
  )
  SELECT any_device AND NOT this_device AS new_device, (SELECT count(*)::int FROM evicted) AS evicted,
         ARRAY(SELECT id FROM evicted LIMIT $12) AS evicted_ids
    FROM seen`;

/** Lowered lifetimes apply at the next refresh. */
const withinLifetimes = (idleDays: string, mostDays: string): string =>
  `now() < last_used_at + ${days(idleDays)} AND now() < sessions.created_at + ${days(mostDays)}`;

/**
 * Replaces the refresh token, if it is the current one of a live session of an active account: check and change are one
 * statement, so that of many at once one does it.
 *
 * $1 id, $2 hash, $3 hash of the child, $4 idle days, $5 most days, $6 address, $7 user agent
 */
export const ROTATE = `
  UPDATE sessions SET
    previous_token_hash = token_hash, token_hash = $3, generation = generation + 1, rotated_at = clock_timestamp(),
    previous_confirmed_at = CASE WHEN confirmed_generation = generation THEN confirmed_at ELSE clock_timestamp() END,
    last_used_at = now(), idle_expires_at = now() + ${days('$4')}, address = $6, user_agent = $7
  WHERE id = $1 AND token_hash = $2 AND ${LIVE}
    AND ${withinLifetimes('$4', '$5')}
    AND EXISTS (SELECT FROM users WHERE users.id = sessions.user_id AND users.is_active AND ${OF_THIS_EPOCH})
  RETURNING user_id`;

const GRACE = 'make_interval(secs => $2::int)';

/**
 * Judges a genuine token that is not the current one. The parent of the current one may be repeated until the refresh
 * is confirmed, and for the grace after that; so may the parent of the parent. A repeat is late after the grace of the
 * refresh itself.
 *
 * $1 id, $2 grace in seconds, $3 idle days, $4 most days
 */
export const INSPECT = `
  SELECT sessions.user_id, generation, token_hash, previous_token_hash,
    ${LIVE} AND ${withinLifetimes('$3', '$4')} AND users.is_active IS TRUE AND ${OF_THIS_EPOCH} AS live,
    confirmed_generation < generation OR coalesce(clock_timestamp() < confirmed_at + ${GRACE}, false) AS repeatable,
    coalesce(clock_timestamp() < previous_confirmed_at + ${GRACE}, false) AS previous_repeatable,
    coalesce(clock_timestamp() >= rotated_at + ${GRACE}, false) AS late
  FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.id = $1`;

/** Confirms a refresh, once. $1 id, $2 its generation */
export const CONFIRM = `
  UPDATE sessions SET confirmed_generation = $2, confirmed_at = clock_timestamp()
  WHERE id = $1 AND generation = $2 AND confirmed_generation < $2`;

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
 * Accounts by their ids, and one more row, without an id, that lists the live sessions (`user epoch session` and their
 * authentication: `aal amr time age`) and their unconfirmed refreshes (`session generation`), separated by commas. These
 * are two queries in one, because planning a join costs twice as much as planning both. The lists are texts, because the
 * driver reads an array character by character. $1 users, $2 sessions
 */
export const LIVE_PRINCIPALS = `
  SELECT ${accountColumns('users')}, users.session_epoch, NULL AS live, NULL AS unconfirmed
  FROM users WHERE users.id = ANY($1)
  UNION ALL
  SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    string_agg(concat_ws(' ', sessions.user_id, sessions.session_epoch, sessions.id, aal, array_to_string(amr, '+'),
      date_part('epoch', authenticated_at), date_part('epoch', now() - authenticated_at)), ','),
    string_agg(sessions.id || ' ' || generation, ',') FILTER (WHERE confirmed_generation < generation)
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
