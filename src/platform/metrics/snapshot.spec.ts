import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { combine, exposition, isMetric, type MetricSnapshot, persistentMetrics, snapshotOf } from './snapshot.js';

type Fill = (registers: [Registry]) => void;

async function process(fill: Fill): Promise<MetricSnapshot[]> {
  const registry = new Registry();
  fill([registry]);
  // As it is read from a file.
  return JSON.parse(JSON.stringify(await snapshotOf(registry))) as MetricSnapshot[];
}

/** The lines that are not comments. */
async function linesOf(...snapshots: MetricSnapshot[][]): Promise<string[]> {
  return (await exposition(snapshots)).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

const histogram =
  (buckets: number[], ...seconds: number[]): Fill =>
  (registers) => {
    const durations = new Histogram({ name: 'd', help: 'D', labelNames: ['route'], buckets, registers });
    for (const each of seconds) durations.observe({ route: '/a' }, each);
  };

describe('exposition', () => {
  it('adds up counters by their labels, and combines a gauge by its aggregator', async () => {
    const worker = (outcome: string, value: number): Fill => {
      return (registers) => {
        new Counter({ name: 'c_total', help: 'C', labelNames: ['outcome'], registers }).inc({ outcome }, value);
        new Gauge({ name: 'low', help: 'L', aggregator: 'min', registers }).set(value);
        new Gauge({ name: 'all', help: 'A', registers }).set(value);
      };
    };
    const all = [worker('ok', 1), worker('failed', 2), worker('ok', 4)];
    expect(await linesOf(...(await Promise.all(all.map(process))))).toEqual([
      'c_total{outcome="ok"} 5',
      'c_total{outcome="failed"} 2',
      'low 1',
      'all 7',
    ]);
  });

  it('adds up histograms', async () => {
    const [one, other] = [await process(histogram([1, 2], 0.5, 5)), await process(histogram([1, 2], 1.5))];
    expect(await linesOf(one, other)).toEqual([
      'd_bucket{le="1",route="/a"} 1',
      'd_bucket{le="2",route="/a"} 2',
      'd_bucket{le="+Inf",route="/a"} 3',
      'd_sum{route="/a"} 7',
      'd_count{route="/a"} 3',
    ]);
  });

  it('keeps buckets cumulative if another version has other bounds', async () => {
    const [one, other] = [await process(histogram([1, 4], 0.5, 3, 9)), await process(histogram([2], 0.1, 1.5, 8))];
    const lines = await linesOf(one, other);
    const bucket = (le: string): number =>
      Number(lines.find((line) => line.startsWith(`d_bucket{le="${le}"`))?.split(' ')[1]);
    expect(['1', '2', '4', '+Inf'].map(bucket)).toEqual([1, 3, 4, 6]);
    const total = await combine([one, other]);
    expect(await linesOf(await process(histogram([1, 4], 0.5)), total)).toContain('d_bucket{le="4",route="/a"} 5');
  });

  it('uses the first type of a name', async () => {
    const counter = await process((registers) => new Counter({ name: 'x', help: 'New', registers }).inc(3));
    const gauge = await process((registers) => new Gauge({ name: 'x', help: 'Old', registers }).set(5));
    expect(await exposition([counter, gauge])).toBe('# HELP x New\n# TYPE x counter\nx 3\n');
  });

  it('leaves out a gauge without a reading', async () => {
    const gauge: Fill = (registers) => new Gauge({ name: 'x', help: 'X', registers }).set(Number.NaN);
    const full: Fill = (registers) => new Gauge({ name: 'x', help: 'X', registers }).set(2);
    expect(await linesOf(await process(gauge), await process(full))).toEqual(['x 2']);
  });
});

describe('combine', () => {
  it('gives the same result in one or several steps', async () => {
    const workers = await Promise.all([0.5, 1.5, 2.5].map((seconds) => process(histogram([1, 2], seconds))));
    const [first = [], second = [], third = []] = workers;
    expect(await combine([await combine([first, second]), third])).toEqual(await combine(workers));
  });
});

describe('persistentMetrics', () => {
  it('keeps counters and histograms', async () => {
    const metrics = await process((registers) => {
      new Counter({ name: 'c', help: 'C', registers }).inc();
      new Gauge({ name: 'g', help: 'G', registers }).set(1);
      histogram([1], 1)(registers);
    });
    expect(persistentMetrics(metrics).map(({ name }) => name)).toEqual(['c', 'd']);
  });
});

describe('isMetric', () => {
  const valid = { name: 'x', help: 'X', type: 'gauge', aggregator: 'sum', values: [{ value: 1, labels: {} }] };

  it.each([
    [valid, true],
    [{ ...valid, values: [{ value: null, labels: {} }] }, true],
    [{ ...valid, aggregator: 'median' }, false],
    [{ ...valid, values: [{ value: '1', labels: {} }] }, false],
    [{ ...valid, values: [{ value: 1 }] }, false],
    [{ ...valid, values: undefined }, false],
    [{ ...valid, name: 7 }, false],
    [null, false],
    ['x', false],
  ])('judges %j', (metric, verdict) => {
    expect(isMetric(metric)).toBe(verdict);
  });
});
