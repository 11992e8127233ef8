import { performance } from 'node:perf_hooks';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { SERVICE_VERSION } from '../http/service-info.js';
import { Metrics } from './metrics.js';

/**
 * Default metrics that are removed. prom-client's event-loop metrics restart with every scrape, and their average over
 * processes hides a blocked one; `nodejs_eventloop_delay_seconds` replaces them. The others are gauges with the name of
 * a counter.
 */
const REPLACED = [
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_min_seconds',
  'nodejs_eventloop_lag_max_seconds',
  'nodejs_eventloop_lag_mean_seconds',
  'nodejs_eventloop_lag_stddev_seconds',
  'nodejs_eventloop_lag_p50_seconds',
  'nodejs_eventloop_lag_p90_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
  'process_start_time_seconds',
];

const SAMPLE_EVERY_MS = 20;

/** Metrics about the process: version, resources and event-loop delay. */
@Injectable()
export class ProcessMetrics implements OnApplicationShutdown {
  private readonly sampling: NodeJS.Timeout;

  constructor({ registry }: Metrics) {
    // The longest sampling interval, because the event-loop metrics are removed.
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 3_600_000 });
    for (const name of REPLACED) registry.removeSingleMetric(name);
    registerProcess(registry);
    registerUtilization(registry);
    this.sampling = sampleDelay(registry);
  }

  onApplicationShutdown(): void {
    clearInterval(this.sampling);
  }
}

function registerProcess(registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: 'app_build_info',
    help: 'Always 1. The labels show the version, two versions during a reload.',
    labelNames: ['version', 'node', 'platform', 'arch'],
    aggregator: 'max',
    registers,
  }).set({ version: SERVICE_VERSION, node: process.version, platform: process.platform, arch: process.arch }, 1);
  new Gauge({ name: 'app_workers', help: 'Processes that serve together.', registers }).set(1);
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'Start time of the youngest process, in seconds since 1970.',
    aggregator: 'max',
    registers,
  }).set(performance.timeOrigin / 1000);
}

function registerUtilization(registry: Registry): void {
  let reported = 0;
  const busy: Counter = new Counter({
    name: 'nodejs_eventloop_busy_seconds_total',
    help: 'Time that the event loops were not idle. Its rate divided by app_workers is the utilization.',
    registers: [registry],
    collect: () => {
      const { active } = performance.eventLoopUtilization();
      busy.inc(Math.max(0, active - reported) / 1000);
      reported = active;
    },
  });
}

/** Registers a histogram, because it can be added up over processes and time, and percentiles cannot. */
function sampleDelay(registry: Registry): NodeJS.Timeout {
  const delays = new Histogram({
    name: 'nodejs_eventloop_delay_seconds',
    help: `Delay of a timer of ${SAMPLE_EVERY_MS} ms.`,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  let last = performance.now();
  return setInterval(() => {
    const now = performance.now();
    delays.observe(Math.max(0, now - last - SAMPLE_EVERY_MS) / 1000);
    last = now;
  }, SAMPLE_EVERY_MS).unref();
}
