import { DiscoveryService } from '@nestjs/core';
import type { DecoratorOf } from '../platform/discovery/decorated-methods.js';
import type { JobName, JobPayload } from './job-queue.js';
import type { JobFunction } from './job-registry.js';

/** The declaration of a job by `JobHandler` or `Scheduled`. */
export interface JobDeclaration {
  name: string;
  /** The schedule of a job that is not enqueued by the application. */
  cron?: string;
}

/** Marks methods that run jobs. Applied only by `JobHandler` and `Scheduled`. */
export const DeclaredJob = DiscoveryService.createDecorator<JobDeclaration>();

/**
 * The method runs the jobs of this name. Its class must be a singleton provider.
 *
 * @param name imperative: `mail.send`
 */
export function JobHandler<Payload extends JobPayload>(name: JobName<Payload>): DecoratorOf<JobFunction<Payload>> {
  return DeclaredJob({ name });
}

/**
 * The method runs at these times, in one process only. A time that passed while no process ran jobs is skipped, and at
 * most one job of the name waits. A run must therefore also do the work of skipped runs.
 *
 * @param cron five fields, UTC: `17 3 * * *`
 */
export function Scheduled(name: string, cron: string): DecoratorOf<JobFunction> {
  return DeclaredJob({ name, cron });
}
