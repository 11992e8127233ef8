import { SqlStatement } from '../../platform/database/sql-statement.js';
import { accountColumns } from '../../users/account-row.js';

/** Neither ended nor expired, by the database's clock. Uses table names as aliases, also in the query builder. */
export const LIVE = 'sessions.ended_at IS NULL AND now() < sessions.idle_expires_at AND now() < sessions.expires_at';

/** The account has been neither disabled nor enabled since the sign-in. */
export const IN_CURRENT_EPOCH = 'sessions.session_epoch = users.session_epoch';

const days = (parameter: string): string => `make_interval(days => ${parameter}::int)`;

export interface OpenValues {
  id: string;
  userId: number;
  deviceLabel: string;
  userAgent: string | null;
  address: string;
  tokenHash: Buffer;
  idleDays: number;
  maxDays: number;
  accessMinutes: number;
  /** The first cap, not counting the new session. */
  maxUnused: number;
  /** The second cap, not counting the new session. */
  maxTotal: number;
  /** Maximum number of ids in the result. */
  maxIds: number;
  /** Assurance level. */
  aal: number;
  /** Authentication methods. */
  amr: readonly string[];
}

/**
 * Opens a session of an account that the transaction has locked, and ends live sessions beyond two caps.
 *
 * Beyond the first cap, sessions whose last access token has expired end, those of the same device first, so that a script
 * that signs in every minute ends its own sessions, not those of a browser. Sessions with a valid access token stay,
 * because clients of the Python service may sign in before every call. Beyond the second cap, the least recently used
 * sessions end.
 *
 * SQL because the caps are checked and applied in one round trip of every sign-in.
 */
export const OPEN = new SqlStatement<OpenValues>(`
  WITH seen AS (
    SELECT EXISTS (SELECT FROM sessions WHERE user_id = $userId) AS any_device,
           EXISTS (SELECT FROM sessions WHERE user_id = $userId AND device_label = $deviceLabel) AS this_device
  ),
  opened AS (
    INSERT INTO sessions (id, user_id, device_label, user_agent, address, token_hash, idle_expires_at, expires_at, aal, amr)
    VALUES ($id::uuid, $userId, $deviceLabel, $userAgent, $address, $tokenHash::bytea,
            now() + ${days('$idleDays')}, now() + ${days('$maxDays')}, $aal, $amr)
  ),
  others AS (
    SELECT id, last_used_at < now() - make_interval(mins => $accessMinutes::int) AS unused,
           row_number() OVER (ORDER BY device_label <> $deviceLabel DESC, last_used_at DESC, id DESC) AS device_order,
           row_number() OVER (ORDER BY last_used_at DESC, id DESC) AS use_order
      FROM sessions
     WHERE user_id = $userId AND ${LIVE} AND EXISTS (SELECT FROM users WHERE users.id = $userId AND ${IN_CURRENT_EPOCH})
  ),
  evicted AS (
    UPDATE sessions SET ended_at = now(), end_reason = 'evicted' FROM others
     WHERE sessions.id = others.id AND ended_at IS NULL AND (unused AND device_order > $maxUnused OR use_order > $maxTotal)
    RETURNING sessions.id
  )
  SELECT any_device AND NOT this_device AS new_device, (SELECT count(*)::int FROM evicted) AS evicted,
         ARRAY(SELECT id FROM evicted LIMIT $maxIds) AS evicted_ids
    FROM seen`);

/** Lowered lifetimes apply at the next refresh. */
const WITHIN_LIFETIMES = `now() < last_used_at + ${days('$idleDays')} AND now() < sessions.created_at + ${days('$maxDays')}`;

interface RotateValues {
  id: string;
  hash: Buffer;
  childHash: Buffer;
  idleDays: number;
  maxDays: number;
  address: string;
  userAgent: string | null;
}

/**
 * Replaces the refresh token if it is the current one of a live session of an active account.
 *
 * SQL because the check and the change are one statement: only one of several concurrent refreshes succeeds.
 */
export const ROTATE = new SqlStatement<RotateValues>(`
  UPDATE sessions SET
    previous_token_hash = token_hash, token_hash = $childHash, generation = generation + 1, rotated_at = clock_timestamp(),
    previous_confirmed_at = CASE WHEN confirmed_generation = generation THEN confirmed_at ELSE clock_timestamp() END,
    last_used_at = now(), idle_expires_at = now() + ${days('$idleDays')}, address = $address, user_agent = $userAgent
  WHERE id = $id AND token_hash = $hash AND ${LIVE} AND ${WITHIN_LIFETIMES}
    AND EXISTS (SELECT FROM users WHERE users.id = sessions.user_id AND users.is_active AND ${IN_CURRENT_EPOCH})
  RETURNING user_id`);

const GRACE = 'make_interval(secs => $graceSeconds::int)';

/**
 * Reads the state of a session for a genuine token that is not the current one. The parent of the current token is
 * repeatable until the refresh is confirmed and for a grace period after that. The same holds for the grandparent. A
 * repeat is late if the grace period after the refresh itself has passed.
 *
 * SQL because the database's clock decides every column.
 */
export const INSPECT = new SqlStatement<{ id: string; graceSeconds: number; idleDays: number; maxDays: number }>(`
  SELECT sessions.user_id, generation, token_hash, previous_token_hash,
    ${LIVE} AND ${WITHIN_LIFETIMES} AND users.is_active IS TRUE AND ${IN_CURRENT_EPOCH} AS live,
    confirmed_generation < generation OR coalesce(clock_timestamp() < confirmed_at + ${GRACE}, false) AS repeatable,
    coalesce(clock_timestamp() < previous_confirmed_at + ${GRACE}, false) AS previous_repeatable,
    coalesce(clock_timestamp() >= rotated_at + ${GRACE}, false) AS late
  FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.id = $id`);

/**
 * Finds accounts by their ids. An additional row without an id lists the live sessions as JSON. Planning a join would cost
 * twice as much as planning both queries.
 *
 * SQL because the statement is prepared and serves a batch of requests.
 */
export const FIND_PRINCIPALS = new SqlStatement<{ userIds: readonly number[]; sessionIds: readonly string[] }>(`
  SELECT ${accountColumns('users')}, users.session_epoch, NULL::json AS live
  FROM users WHERE users.id = ANY($userIds)
  UNION ALL
  SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    json_agg(json_build_array(
      sessions.id, sessions.user_id, sessions.session_epoch, aal, amr,
      date_part('epoch', authenticated_at), date_part('epoch', now() - authenticated_at),
      CASE WHEN confirmed_generation < generation THEN generation END))
  FROM sessions WHERE sessions.id = ANY($sessionIds) AND ${LIVE}`);
