import { Controller, Get, Header, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Registry } from 'prom-client';
import { Public } from '../../access/public.decorator.js';
import { OperatorGuard } from './operator.guard.js';
import { SharedMetrics } from './shared-metrics.js';

/** The route that Prometheus scrapes. Any process reports all processes of this service on this machine. */
@Public()
@UseGuards(OperatorGuard)
@ApiExcludeController()
@Controller({ path: 'metrics', version: VERSION_NEUTRAL })
export class MetricsController {
  constructor(private readonly metrics: SharedMetrics) {}

  @Get()
  @Header('content-type', Registry.PROMETHEUS_CONTENT_TYPE)
  async scrape(): Promise<string> {
    return this.metrics.scrape();
  }
}
