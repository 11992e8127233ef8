import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Timestamp } from '../platform/database/timestamp.js';
import { QUEUE_SCHEMA } from './job-queue-schema.js';

/** The arguments of a job: ids and constants, never a token and never text from a client. */
export type JobPayload = Readonly<Record<string, string | number | boolean | null>>;

declare const payload: unique symbol;

/** The name of a job and, for the compiler, the type of its payload: `const SEND: JobName<Payload> = 'link.send'`. */
export type JobName<Payload extends JobPayload = JobPayload> = string & { readonly [payload]?: Payload };

/** Attempts per job: over 16 hours, with pauses that grow from 3 s to 6 h. */
export const MAX_ATTEMPTS = 12;

/** A job in the queue: waiting, running or failed. */
export interface QueuedJob {
  name: string;
  payload: JobPayload;
  createdAt: Timestamp;
}

/** Enqueues jobs in the caller's transaction: a job exists if and only if the transaction is committed. */
@Injectable()
export class JobQueue {
  async enqueue<Payload extends JobPayload>(
    tx: EntityManager,
    name: JobName<Payload>,
    payload: NoInfer<Payload>,
  ): Promise<void> {
    await tx.query(`SELECT ${QUEUE_SCHEMA}.add_job($1, payload := $2::json, max_attempts := $3)`, [
      name,
      JSON.stringify(payload),
      MAX_ATTEMPTS,
    ]);
  }

  /**
   * Deletes the jobs of an account, including failed ones: all jobs whose payload has this `userId`. A running job is
   * not interrupted.
   *
   * @param name of the jobs to delete; all jobs if absent
   */
  async cancelFor(tx: EntityManager, userId: number, name?: string): Promise<void> {
    await tx.query(
      `DELETE FROM ${QUEUE_SCHEMA}._private_jobs WHERE payload ->> 'userId' = $1::text AND ($2::text IS NULL
          OR task_id = (SELECT id FROM ${QUEUE_SCHEMA}._private_tasks WHERE identifier = $2::text))`,
      [userId, name ?? null],
    );
  }

  /** The jobs of an account that `cancelFor` would delete, oldest first. */
  async findFor(tx: EntityManager, userId: number): Promise<QueuedJob[]> {
    return tx.query<QueuedJob[]>(
      `SELECT identifier AS name, payload, created_at AS "createdAt"
         FROM ${QUEUE_SCHEMA}._private_jobs AS jobs JOIN ${QUEUE_SCHEMA}._private_tasks AS tasks ON tasks.id = task_id
        WHERE payload ->> 'userId' = $1::text ORDER BY jobs.id`,
      [userId],
    );
  }
}
