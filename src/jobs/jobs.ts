import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Timestamp } from '../platform/database/timestamp.js';
import { QUEUE_SCHEMA } from './job-queue-schema.js';

/** What a job is told: ids and plain words, never a token or a text that somebody wrote (row A49). */
export type JobPayload = Readonly<Record<string, string | number | boolean | null>>;

/** Of a job that nobody said otherwise of: 16 hours, with pauses that grow from 3 s to 6 h. */
export const MAX_ATTEMPTS = 12;

export interface JobOptions {
  /** Not before; at once when absent. */
  runAt?: Date;
  /** A waiting job of the same key is replaced by this one. */
  key?: string;
  /** Tries before it is a dead letter; 12 when absent. */
  maxAttempts?: number;
}

/** A job that waits, is being done or has failed for good. */
export interface QueuedJob {
  name: string;
  payload: JobPayload;
  createdAt: Timestamp;
}

/** Puts jobs into the queue, which is a table: within the caller's own transaction, so that a job is there with what it is about, or neither (row B16). */
@Injectable()
export class Jobs {
  async add(tx: EntityManager, name: string, payload: JobPayload, options: JobOptions = {}): Promise<void> {
    const { runAt, key, maxAttempts } = options;
    await tx.query(
      `SELECT ${QUEUE_SCHEMA}.add_job($1, payload := $2::json, run_at := $3, job_key := $4, max_attempts := $5)`,
      [name, JSON.stringify(payload), runAt ?? null, key ?? null, maxAttempts ?? MAX_ATTEMPTS],
    );
  }

  /**
   * Takes the jobs of an account out of the queue, those that failed for good among them: all whose payload has this
   * `userId`. One that is being done goes on to its end.
   *
   * @param name of the jobs; all of them when absent
   */
  async cancelFor(tx: EntityManager, userId: number, name?: string): Promise<void> {
    await tx.query(
      `DELETE FROM ${QUEUE_SCHEMA}._private_jobs WHERE payload ->> 'userId' = $1::text AND ($2::text IS NULL
          OR task_id = (SELECT id FROM ${QUEUE_SCHEMA}._private_tasks WHERE identifier = $2::text))`,
      [userId, name ?? null],
    );
  }

  /** The jobs of an account that `cancelFor` would take out, oldest first. */
  async listFor(tx: EntityManager, userId: number): Promise<QueuedJob[]> {
    return tx.query<QueuedJob[]>(
      `SELECT identifier AS name, payload, created_at AS "createdAt"
         FROM ${QUEUE_SCHEMA}._private_jobs AS jobs JOIN ${QUEUE_SCHEMA}._private_tasks AS tasks ON tasks.id = task_id
        WHERE payload ->> 'userId' = $1::text ORDER BY jobs.id`,
      [userId],
    );
  }
}
