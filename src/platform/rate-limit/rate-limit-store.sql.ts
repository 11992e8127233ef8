/** Whether one of the shares of a slot is full. Both arguments are jsonb: `{slot: [share]}`, `{share: most}`. */
const shareFullSql = (slots: string, shares: string): string => `EXISTS (
  SELECT FROM jsonb_each_text(${shares}) AS share (name, most)
   WHERE (SELECT count(*) FROM jsonb_each(${slots}) AS slot (id, names) WHERE names ? share.name) >= share.most::int)`;

/**
 * Reserves a slot under every key, or under none. $1 keys, $2 maximum of each, $3 seconds of its window, $4 its shares
 * as JSON, $5 id of the slot. Returns a row per key: whether a slot was taken, whether the key is full, its points, and
 * the end of its window.
 *
 * If a key is known to be full, nothing is written or locked. In concurrent statements the condition of the update
 * decides, on the latest version of the row. Rows are locked in the order of their keys, so that two statements cannot
 * deadlock.
 */
export const RESERVE = `
  WITH wanted AS (
    SELECT key, most, seconds, shares::jsonb AS shares
      FROM unnest($1::text[], $2::int[], $3::int[], $4::text[]) AS wanted (key, most, seconds, shares)
  ), known AS (
    SELECT key, points, expires_at, places FROM rate_limits
     WHERE key = ANY ($1::text[]) AND expires_at > now() AND points > 0
  ), exhausted AS (
    SELECT key FROM known JOIN wanted USING (key) WHERE points >= most OR ${shareFullSql('places', 'shares')}
  ), taken AS (
    INSERT INTO rate_limits AS held (key, points, expires_at, places)
    SELECT key, 1, now() + seconds * interval '1 second',
           CASE WHEN shares = '{}' THEN shares
                ELSE jsonb_build_object($5::text, ARRAY(SELECT jsonb_object_keys(shares))) END
      FROM wanted
     WHERE NOT EXISTS (SELECT FROM exhausted)
     ORDER BY key
        ON CONFLICT (key) DO UPDATE SET
           points = CASE WHEN held.expires_at > now() THEN held.points + 1 ELSE 1 END,
           expires_at = CASE WHEN held.expires_at > now() AND held.points > 0 THEN held.expires_at ELSE excluded.expires_at END,
           places = CASE WHEN held.expires_at > now() AND held.points > 0 THEN held.places || excluded.places ELSE excluded.places END
     WHERE held.expires_at <= now() OR EXISTS (
           SELECT FROM wanted
            WHERE wanted.key = held.key AND held.points < most AND NOT ${shareFullSql('held.places', 'shares')})
    RETURNING key, points, expires_at
  )
  SELECT wanted.key,
         taken.key IS NOT NULL AS taken,
         taken.key IS NULL AND (exhausted.key IS NOT NULL OR NOT EXISTS (SELECT FROM exhausted)) AS "full",
         CASE WHEN taken.key IS NULL AND NOT EXISTS (SELECT FROM exhausted) THEN most
              ELSE coalesce(taken.points, known.points, 0) END AS points,
         coalesce(taken.expires_at, known.expires_at)::text AS expires_at,
         coalesce(ceil(extract(epoch FROM coalesce(taken.expires_at, known.expires_at) - now())), seconds)::int AS seconds
    FROM wanted LEFT JOIN taken USING (key) LEFT JOIN known USING (key) LEFT JOIN exhausted USING (key)`;

/** The slots that a statement releases: the one with its id, and those that count toward its shares. */
const SLOTS = `jsonb_each(rate_limits.places) AS slot (id, names)`;
const IS_RELEASED = '(slot.id = $3 OR slot.names ?| $4::text[])';

/**
 * Releases slots. $1 keys, $2 the windows of the slots, $3 id of the slot, $4 shares whose slots are all released.
 * Returns a row for each changed key. A slot with shares is found by its id, so that it is released only once.
 */
export const RELEASE = `
  WITH given AS (
    SELECT * FROM unnest($1::text[], $2::timestamptz[]) AS given (key, expires_at)
  ), held AS (
    SELECT key FROM rate_limits JOIN given USING (key, expires_at) WHERE points > 0 ORDER BY key FOR UPDATE OF rate_limits
  )
  UPDATE rate_limits SET
         points = points - CASE WHEN places = '{}' THEN 1 ELSE (SELECT count(*) FROM ${SLOTS} WHERE ${IS_RELEASED}) END,
         places = (SELECT coalesce(jsonb_object_agg(id, names), '{}') FROM ${SLOTS} WHERE NOT ${IS_RELEASED})
    FROM given
   WHERE rate_limits.key = given.key AND rate_limits.expires_at = given.expires_at AND rate_limits.points > 0
     AND rate_limits.key IN (SELECT key FROM held)
  RETURNING rate_limits.key, points, ceil(extract(epoch FROM rate_limits.expires_at - now()))::int AS seconds`;

/** Releases every slot. $1 keys. */
export const RELEASE_ALL = `UPDATE rate_limits SET points = 0, places = '{}' WHERE key = ANY ($1::text[]) AND points > 0`;

export const PURGE_BATCH = 1000;

/** Skips rows that another process is deleting. */
export const PURGE = `
  DELETE FROM rate_limits WHERE key IN (
    SELECT key FROM rate_limits WHERE expires_at < now() ORDER BY expires_at LIMIT ${PURGE_BATCH} FOR UPDATE SKIP LOCKED)`;
