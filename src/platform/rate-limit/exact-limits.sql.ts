/**
 * $1 keys, $2 how often at most, $3 seconds of a window. One row a key: whether a place of it was taken, how many are, and
 * when the window ends. Nothing is written, and nothing locked, where a key is known to be full; of all that happens at
 * once the condition of the update decides. Rows are locked in the order of their keys, so that two of these cannot wait
 * for each other.
 */
export const TAKE = `
  WITH wanted AS (
    SELECT * FROM unnest($1::text[], $2::int[], $3::int[]) AS wanted (key, most, seconds)
  ), known AS (
    SELECT key, points, expires_at FROM rate_limits WHERE key = ANY ($1::text[]) AND expires_at > now() AND points > 0
  ), exhausted AS (
    SELECT FROM known JOIN wanted USING (key) WHERE points >= most
  ), taken AS (
    INSERT INTO rate_limits AS held (key, points, expires_at)
    SELECT key, 1, now() + seconds * interval '1 second' FROM wanted
     WHERE NOT EXISTS (SELECT FROM exhausted)
     ORDER BY key
        ON CONFLICT (key) DO UPDATE SET
           points = CASE WHEN held.expires_at > now() THEN held.points + 1 ELSE 1 END,
           expires_at = CASE WHEN held.expires_at > now() AND held.points > 0 THEN held.expires_at ELSE excluded.expires_at END
     WHERE held.expires_at <= now() OR held.points < (SELECT most FROM wanted WHERE wanted.key = held.key)
    RETURNING key, points, expires_at
  )
  SELECT wanted.key,
         taken.key IS NOT NULL AS taken,
         CASE WHEN taken.key IS NOT NULL THEN taken.points
              WHEN EXISTS (SELECT FROM exhausted) THEN coalesce(known.points, 0)
              ELSE most END AS points,
         coalesce(taken.expires_at, known.expires_at)::text AS expires_at,
         coalesce(ceil(extract(epoch FROM coalesce(taken.expires_at, known.expires_at) - now())), seconds)::int AS seconds
    FROM wanted LEFT JOIN taken USING (key) LEFT JOIN known USING (key)`;

/** $1 keys, $2 the windows that places were taken of, $3 whether the key is cleared instead. One row a key that still is. */
export const GIVE_BACK = `
  WITH given AS (
    SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::boolean[]) AS given (key, expires_at, cleared)
  ), held AS (
    SELECT key FROM rate_limits JOIN given USING (key, expires_at) WHERE points > 0 ORDER BY key FOR UPDATE OF rate_limits
  )
  UPDATE rate_limits SET points = CASE WHEN cleared THEN 0 ELSE points - 1 END
    FROM given
   WHERE rate_limits.key = given.key AND rate_limits.key IN (SELECT key FROM held)
  RETURNING rate_limits.key, points, ceil(extract(epoch FROM rate_limits.expires_at - now()))::int AS seconds`;

/** $1 keys. */
export const CLEAR = 'UPDATE rate_limits SET points = 0 WHERE key = ANY ($1::text[]) AND points > 0';

export const PURGE_BATCH = 1000;

/** Skips what another process is at. */
export const PURGE = `
  DELETE FROM rate_limits WHERE key IN (
    SELECT key FROM rate_limits WHERE expires_at < now() ORDER BY expires_at LIMIT ${PURGE_BATCH} FOR UPDATE SKIP LOCKED)`;
