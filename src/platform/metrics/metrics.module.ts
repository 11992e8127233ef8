import { Global, Module } from '@nestjs/common';
import { Metrics } from './metrics.js';
import { ProcessFaults } from './process-faults.js';
import { MetricsController } from './metrics.controller.js';
import { OperatorGuard } from './operator.guard.js';
import { ProcessMetrics } from './process-metrics.js';
import { SharedMetrics } from './shared-metrics.js';

/** The registry of metrics for all features, and the route `/metrics`. */
@Global()
@Module({
  controllers: [MetricsController],
  providers: [Metrics, OperatorGuard, ProcessMetrics, SharedMetrics, ProcessFaults],
  exports: [Metrics, OperatorGuard, ProcessFaults],
})
export class MetricsModule {}
