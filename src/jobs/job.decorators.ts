import { DiscoveryService } from '@nestjs/core';
import type { DecoratorOf } from '../platform/discovery/decorated-methods.js';
import type { JobName, JobPayload } from './job-queue.js';
import type { JobFunction } from './job-registry.js';

/** What `JobHandler` and `Scheduled` say about a method. */
export interface JobDeclaration {
  name: string;
  /** When the job runs without being enqueued. */
  cron?: string;
}

/** Marks the methods that run jobs. Applied by `JobHandler` and `Scheduled` only. */
export const DeclaredJob = DiscoveryService.createDecorator<JobDeclaration>();

/**
 * The method runs the jobs of this name. Its class must be a provider, and a singleton.
 *
 * @param name imperative: `mail.send`
 */
export function JobHandler<Payload extends JobPayload>(name: JobName<Payload>): DecoratorOf<JobFunction<Payload>> {
  return DeclaredJob({ name });
}

/**
 * The method runs at these times, once over all processes. A time at which no process ran jobs is not made up for, and
 * at most one job of the name waits: each run does what the runs before it left.
 *
 * @param cron five fields, UTC: `17 3 * * *`
 */
export function Scheduled(name: string, cron: string): DecoratorOf<JobFunction> {
  return DeclaredJob({ name, cron });
}
