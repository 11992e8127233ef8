import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { Metrics } from './metrics.js';

/** Counts errors that were not caught. Each is a bug, and worth an alert. */
@Injectable()
export class ProcessFaults {
  private readonly counter: Counter<'kind'>;

  constructor(metrics: Metrics) {
    this.counter = new Counter({
      name: 'process_faults_total',
      help: 'Errors that were not caught: unhandled rejections, and exceptions, after which the process ends.',
      labelNames: ['kind'],
      registers: [metrics.registry],
    });
    for (const kind of ['unhandled_rejection', 'uncaught_exception']) this.counter.inc({ kind }, 0);
  }

  unhandledRejection(): void {
    this.counter.inc({ kind: 'unhandled_rejection' });
  }

  uncaughtException(): void {
    this.counter.inc({ kind: 'uncaught_exception' });
  }
}
