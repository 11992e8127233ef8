import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';

/** The registry of the service's Prometheus metrics: `new Counter({ …, registers: [metrics.registry] })`. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
}
