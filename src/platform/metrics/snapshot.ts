import { AggregatorRegistry, type Registry } from 'prom-client';

/** One line of an exposition. `metricName` differs from the metric's name for the parts of a histogram. */
export interface Sample {
  value: number;
  labels: Readonly<Record<string, string | number>>;
  metricName?: string;
}

/** A metric as prom-client's `getMetricsAsJSON` returns it. */
export interface MetricSnapshot {
  name: string;
  help: string;
  type: string;
  /** How prom-client combines it over processes: sum, first, min, max, average, or omit. */
  aggregator: string;
  values: readonly Sample[];
}

const AGGREGATORS: ReadonlySet<unknown> = new Set(['sum', 'first', 'min', 'max', 'average', 'omit']);

/** The current metrics of a registry. */
export async function snapshotOf(registry: Registry): Promise<MetricSnapshot[]> {
  const metrics: readonly unknown[] = await registry.getMetricsAsJSON();
  return metrics.filter(isMetric).map(({ name, help, type, aggregator, values }) => {
    const samples = values.map(({ value, labels, metricName }) => ({
      value,
      labels,
      ...(metricName && { metricName }),
    }));
    return { name, help, type, aggregator, values: samples };
  });
}

/** Whether a value from a file, which another version may have written, is a valid metric. */
export function isMetric(metric: unknown): metric is MetricSnapshot {
  const { name, help, type, aggregator, values } = (metric ?? {}) as Partial<MetricSnapshot>;
  const named = typeof name === 'string' && typeof help === 'string' && typeof type === 'string';
  return named && AGGREGATORS.has(aggregator) && Array.isArray(values) && values.every(isSample);
}

function isSample(sample: unknown): sample is Sample {
  const { value, labels } = (sample ?? {}) as Partial<Sample>;
  // JSON writes NaN, as a gauge without a reading may be, as null.
  return (typeof value === 'number' || value === null) && typeof labels === 'object' && labels !== null;
}

/** The counters and histograms, which still count after their process has ended. Gauges do not. */
export function persistentMetrics(metrics: readonly MetricSnapshot[]): MetricSnapshot[] {
  return metrics.filter(({ type }) => type === 'counter' || type === 'histogram');
}

/** Combines the snapshots of several processes, each metric by its aggregator. The first snapshot decides its type. */
export async function combine(snapshots: readonly (readonly MetricSnapshot[])[]): Promise<MetricSnapshot[]> {
  return snapshotOf(AggregatorRegistry.aggregate(groupByName(snapshots)));
}

/** Formats snapshots for Prometheus, in the text exposition format, version 0.0.4. */
export async function exposition(snapshots: readonly (readonly MetricSnapshot[])[]): Promise<string> {
  return AggregatorRegistry.aggregate(groupByName(snapshots)).metrics();
}

/** Drops metrics whose type differs from the first, and unifies bounds: a rolling upgrade mixes two versions. */
function groupByName(snapshots: readonly (readonly MetricSnapshot[])[]): MetricSnapshot[][] {
  const meanings = new Map<string, { type: string; bounds: Set<number> }>();
  for (const metric of snapshots.flat()) {
    const { type, bounds } = meanings.get(metric.name) ?? { type: metric.type, bounds: new Set<number>() };
    for (const bound of boundsOf(metric)) bounds.add(bound);
    meanings.set(metric.name, { type, bounds });
  }
  return snapshots.map((metrics) =>
    metrics.flatMap((metric) => {
      const meaning = meanings.get(metric.name);
      if (meaning?.type !== metric.type) return [];
      const values = metric.values.filter(({ value }) => Number.isFinite(value));
      return { ...metric, values: withBounds(metric, values, meaning.bounds) };
    }),
  );
}

/** The finite upper bounds of a histogram's buckets; none for other metrics. */
function boundsOf({ type, values }: MetricSnapshot): Set<number> {
  const bounds = new Set<number>();
  if (type === 'histogram') for (const { labels } of values) if (typeof labels.le === 'number') bounds.add(labels.le);
  return bounds;
}

/**
 * Adds the bounds of other versions to a histogram, each with the count of its next lower bound, which is a safe
 * minimum. The sums over all versions then still rise from bucket to bucket.
 */
function withBounds(metric: MetricSnapshot, values: readonly Sample[], all: ReadonlySet<number>): readonly Sample[] {
  const own = boundsOf(metric);
  const missing = [...all].filter((bound) => !own.has(bound));
  if (missing.length === 0) return values;
  const added = values
    .filter(({ labels }) => labels.le === '+Inf')
    .flatMap(({ labels: series, metricName }) =>
      missing.map((le) => {
        const lower = values.filter(({ labels }) => Number(labels.le) < le && isSameSeries(labels, series));
        return { value: Math.max(0, ...lower.map(({ value }) => value)), labels: { ...series, le }, metricName };
      }),
    );
  return [...values, ...added];
}

function isSameSeries(one: Sample['labels'], other: Sample['labels']): boolean {
  return Object.keys(other).every((name) => name === 'le' || one[name] === other[name]);
}
