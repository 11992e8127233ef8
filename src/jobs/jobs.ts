import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Timestamp } from '../platform/database/timestamp.js';
import { QUEUE_SCHEMA } from './job-queue-schema.js';

/** What a job is told: ids and plain words, never a token or a text that somebody wrote (row A49). */
export type JobPayload = Readonly<Record<string, string | number | boolean | null>>;

/** How often a job is tried: for 16 hours, with pauses that grow from 3 s to 6 h. */
export const MAX_ATTEMPTS = 12;

/** A job that waits, is being done or has failed for good. */
export interface QueuedJob {
  name: string;
  payload: JobPayload;
  createdAt: Timestamp;
}

/** Enqueues jobs in the caller's transaction: the job exists if and only if the change that it follows is committed. */
@Injectable()
export class Jobs {
  async add(tx: EntityManager, name: string, payload: JobPayload): Promise<void> {
    await tx.query(`SELECT ${QUEUE_SCHEMA}.add_job($1, payload := $2::json, max_attempts := $3)`, [
      name,
      JSON.stringify(payload),
      MAX_ATTEMPTS,
    ]);
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
