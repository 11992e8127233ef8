import { QUEUE_SCHEMA } from './job-queue-schema.js';

/** The first key of the advisory locks of workers, "jobs" in ASCII. The second key is a hash of the worker's name. */
const WORKER_LOCKS = 0x6a6f6273;

/** $1: names of workers. Shared, because a lost connection may keep its locks for a while. */
export const LOCK_WORKERS = `SELECT pg_advisory_lock_shared(${WORKER_LOCKS}, hashtext(worker)) FROM unnest($1::text[]) AS worker`;
export const UNLOCK_WORKERS = `SELECT pg_advisory_unlock_shared(${WORKER_LOCKS}, hashtext(worker)) FROM unnest($1::text[]) AS worker`;

/** Makes the server notice within half a minute that this machine is gone, and free its locks. */
export const KEEP_ALIVE = 'SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3';

/** Jobs that a worker has taken, and whether that worker is alive. */
export const LOCKED_JOBS = `
  WITH alive AS MATERIALIZED (
    SELECT objid::bigint AS hash FROM pg_locks
     WHERE locktype = 'advisory' AND classid::bigint = ${WORKER_LOCKS} AND objsubid = 2 AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
  SELECT id::text, task_identifier AS name, locked_by AS worker,
         hashtext(locked_by)::bigint & 4294967295 IN (SELECT hash FROM alive) AS "isAlive"
    FROM ${QUEUE_SCHEMA}.jobs WHERE locked_at IS NOT NULL AND locked_by IS NOT NULL`;

/** Wakes the workers of all processes, as a new job does. */
const WAKE = `SELECT pg_notify('jobs:insert', json_build_object('r', random(), 'count', count(*))::text) FROM freed HAVING count(*) > 0`;

/**
 * $1: ids, $2: the worker of each, $3: the reason. `force_unlock_workers` does not fit, because it would also release
 * the other jobs of a worker that is alive, and wakes no worker.
 */
export const RELEASE_ABANDONED = `
  WITH freed AS (
    UPDATE ${QUEUE_SCHEMA}._private_jobs AS jobs SET locked_by = NULL, locked_at = NULL, last_error = $3
      FROM unnest($1::bigint[], $2::text[]) AS abandoned (id, worker)
     WHERE jobs.id = abandoned.id AND locked_by = worker RETURNING jobs.id)
  ${WAKE}`;

/**
 * $1: ids, $2: workers. Undoes the start of an attempt. The library has no function for this: `reschedule_jobs` ignores
 * locked jobs and wakes no worker.
 */
export const RELEASE_RUNNING = `
  WITH freed AS (
    UPDATE ${QUEUE_SCHEMA}._private_jobs
       SET locked_by = NULL, locked_at = NULL, attempts = greatest(attempts - 1, 0), run_at = now()
     WHERE id = ANY($1::bigint[]) AND locked_by = ANY($2::text[]) RETURNING id)
  ${WAKE}`;

/**
 * $1: id, $2: attempts so far. The library waits exactly e^attempts seconds (3 s, 7 s, 20 s, … 6 h), so jobs that
 * failed at the same time would be repeated at the same time. This extends each pause by up to a quarter.
 */
export const JITTER_RETRY = `
  SELECT FROM ${QUEUE_SCHEMA}.reschedule_jobs(
    ARRAY[$1::bigint], run_at := now() + exp(least($2::int, 10)) * (1 + random() / 4) * interval '1 second')`;

/** $1: id, $2: the error. Removes the remaining attempts of a job. */
export const FAIL_PERMANENTLY = `SELECT FROM ${QUEUE_SCHEMA}.permanently_fail_jobs(ARRAY[$1::bigint], $2)`;

const FAILED = 'locked_at IS NULL AND attempts >= max_attempts';

/** The number of jobs that are due, due later, running and failed, and how long the oldest due job has waited. */
export const QUEUE_STATE = `
  SELECT count(*) FILTER (WHERE is_open AND run_at <= now())::int AS ready,
         count(*) FILTER (WHERE is_open AND run_at > now())::int AS waiting,
         count(*) FILTER (WHERE locked_at IS NOT NULL)::int AS running,
         count(*) FILTER (WHERE ${FAILED})::int AS failed,
         coalesce(extract(epoch FROM now() - min(run_at) FILTER (WHERE is_open AND run_at <= now())), 0)::float8 AS oldest
    FROM (SELECT *, locked_at IS NULL AND attempts < max_attempts AS is_open FROM ${QUEUE_SCHEMA}.jobs) AS jobs`;

export const FAILED_JOBS = `
  SELECT id::text, task_identifier AS name, attempts, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created,
         coalesce(last_error, '') AS error
    FROM ${QUEUE_SCHEMA}.jobs WHERE ${FAILED} ORDER BY jobs.id LIMIT $1`;

/** $1: an id, or null for all. */
export const RETRY_FAILED = `
  WITH chosen AS (SELECT array_agg(id) AS ids FROM ${QUEUE_SCHEMA}.jobs WHERE ${FAILED} AND id = coalesce($1::bigint, id))
  SELECT retried.id::text FROM chosen, ${QUEUE_SCHEMA}.reschedule_jobs(ids, run_at := now(), attempts := 0) AS retried`;

/** $1: days. The `run_at` of a failed job is up to six hours after its last attempt. */
export const PURGE_FAILED = `
  WITH old AS (
    SELECT array_agg(id) AS ids FROM ${QUEUE_SCHEMA}.jobs
     WHERE ${FAILED} AND greatest(run_at, updated_at) < now() - $1::int * interval '1 day')
  SELECT purged.id FROM old, ${QUEUE_SCHEMA}.complete_jobs(ids) AS purged`;
