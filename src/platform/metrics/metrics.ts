import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';

/** Where the service's Prometheus metrics are registered: `new Counter({ …, registers: [metrics.registry] })`. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
}
