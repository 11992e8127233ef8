import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { decoratedMethods } from '../platform/discovery/decorated-methods.js';
import { type JobFunction, JobRegistry } from './job-registry.js';
import { DeclaredJob, type JobDeclaration } from './job.decorators.js';

/** Registers the methods with `@JobHandler` or `@Scheduled` in all modules. */
@Injectable()
export class JobDiscovery implements OnModuleInit {
  constructor(
    private readonly registry: JobRegistry,
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    const declared = decoratedMethods<JobDeclaration, JobFunction>(DeclaredJob, this.discovery, this.scanner);
    for (const { options, method } of declared) {
      if (options.cron === undefined) this.registry.register(options.name, method);
      else this.registry.schedule(options.name, options.cron, method);
    }
  }
}
