import { performance } from 'node:perf_hooks';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { SERVICE_VERSION } from '../http/service-info.js';
import { Metrics } from './metrics.js';

/**
 * prom-client's figures of the event loop start anew whenever anybody reads them, and its average over processes hides the
 * one that is blocked: `nodejs_eventloop_delay_seconds` stands instead. The others are gauges with a counter's name.
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

/** What the process is, what it uses, and how long its event loop keeps callers waiting. */
@Injectable()
export class ProcessMetrics implements OnApplicationShutdown {
  private readonly sampling: NodeJS.Timeout;

  constructor({ registry }: Metrics) {
    // A monitor of the event loop that hardly ever looks, since nobody reads it.
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
    help: 'Always 1; its labels say what runs. Two versions at a time during a reload.',
    labelNames: ['version', 'node', 'platform', 'arch'],
    aggregator: 'max',
    registers,
  }).set({ version: SERVICE_VERSION, node: process.version, platform: process.platform, arch: process.arch }, 1);
  new Gauge({ name: 'app_workers', help: 'Processes that serve together.', registers }).set(1);
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'When the youngest process started, in seconds since 1970.',
    aggregator: 'max',
    registers,
  }).set(performance.timeOrigin / 1000);
}

function registerUtilization(registry: Registry): void {
  let known = 0;
  const busy: Counter = new Counter({
    name: 'nodejs_eventloop_busy_seconds_total',
    help: 'Time that the event loops were not idle: its rate, divided by app_workers, is their utilization.',
    registers: [registry],
    collect: () => {
      const { active } = performance.eventLoopUtilization();
      busy.inc(Math.max(0, active - known) / 1000);
      known = active;
    },
  });
}

/** A histogram adds up over processes and over time, which a percentile does not. */
function sampleDelay(registry: Registry): NodeJS.Timeout {
  const delays = new Histogram({
    name: 'nodejs_eventloop_delay_seconds',
    help: `By how much a timer of ${SAMPLE_EVERY_MS} ms came late.`,
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
