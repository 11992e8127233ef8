import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Gauge, Histogram, type Registry } from 'prom-client';
import type { Sample } from './snapshot.js';

const NAME = 'http_request_duration_seconds';
/** From a read in an idle service, over the hash of a password, to the longest that a request may take. */
const BOUNDS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const UNMATCHED = '(unmatched)';
/** nginx's status for a client that disconnected before the response. No response has it. */
const CLIENT_GONE = 499;

interface Series {
  readonly labels: Readonly<Record<'method' | 'route' | 'status', string>>;
  /** Responses per bucket, not cumulative. The last bucket has no upper bound. */
  readonly buckets: number[];
  sum: number;
}

/**
 * A histogram of response times. prom-client's own takes more than a microsecond to find a series by its labels; this
 * one finds it by route, method and status, and converts it to prom-client's format when it is read.
 */
class RequestDurations extends Histogram {
  private readonly series: Series[] = [];
  private readonly byRoute = new Map<string, Map<string, Map<number, Series>>>();

  constructor() {
    super({
      name: NAME,
      help: 'Time from the headers of a request to the end of its response. Status 499: the client disconnected first.',
      labelNames: ['method', 'route', 'status'],
      buckets: BOUNDS_SECONDS,
      registers: [],
    });
  }

  countRequest(route: string, method: string, status: number, seconds: number): void {
    const series = this.byRoute.get(route)?.get(method)?.get(status) ?? this.addSeries(route, method, status);
    let bucket = 0;
    while (seconds > (BOUNDS_SECONDS[bucket] ?? Infinity)) bucket += 1;
    series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
    series.sum += seconds;
  }

  private addSeries(route: string, method: string, status: number): Series {
    const labels = { method, route, status: String(status) };
    const series = { labels, buckets: Array<number>(BOUNDS_SECONDS.length + 1).fill(0), sum: 0 };
    const byMethod = this.byRoute.get(route) ?? new Map<string, Map<number, Series>>();
    const byStatus = byMethod.get(method) ?? new Map<number, Series>();
    this.byRoute.set(route, byMethod.set(method, byStatus.set(status, series)));
    this.series.push(series);
    return series;
  }

  override async get(): ReturnType<Histogram['get']> {
    return { ...(await super.get()), values: this.series.flatMap((one) => samplesOf(one)) };
  }
}

/** One cumulative sample per bucket, then the sum and the count. */
function samplesOf({ labels, buckets, sum }: Series): Sample[] {
  let count = 0;
  const lines = buckets.map((inBucket, index) => {
    count += inBucket;
    return { metricName: `${NAME}_bucket`, labels: { ...labels, le: BOUNDS_SECONDS[index] ?? '+Inf' }, value: count };
  });
  const total = { metricName: `${NAME}_count`, labels, value: count };
  return [...lines, { metricName: `${NAME}_sum`, labels, value: sum }, total];
}

/** The metrics of the hooks that `installRequestMetrics` adds. */
export interface RequestMetrics {
  registerIn(registry: Registry): void;
}

/** Counts and times every request that reaches Fastify. Call it before any other hook is added. */
export function installRequestMetrics(fastify: FastifyInstance): RequestMetrics {
  const durations = new RequestDurations();
  let inFlight = 0;
  const end = (request: FastifyRequest, reply: FastifyReply): void => {
    inFlight -= 1;
    const route = request.is404 ? UNMATCHED : (request.routeOptions.url ?? UNMATCHED);
    const status = reply.raw.writableFinished ? reply.raw.statusCode : CLIENT_GONE;
    durations.countRequest(route, request.method, status, reply.elapsedTime / 1000);
  };
  fastify.addHook('onRequest', (request, reply, done) => {
    inFlight += 1;
    // Fastify does not call onResponse if the client disconnects before the response. `close` fires once.
    reply.raw.on('close', () => end(request, reply));
    done();
  });
  return {
    registerIn(registry) {
      registry.registerMetric(durations);
      const gauge: Gauge = new Gauge({
        name: 'http_requests_in_flight',
        help: 'Requests without a complete response.',
        registers: [registry],
        collect: () => gauge.set(inFlight),
      });
    },
  };
}
