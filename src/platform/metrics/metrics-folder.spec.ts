import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { identifyThisProcess } from '../processes/process-identity.js';
import { MetricsFolder } from './metrics-folder.js';
import type { MetricSnapshot } from './snapshot.js';

const countsOf = (value: number): MetricSnapshot[] => [
  { name: 'things_total', help: 'Things.', type: 'counter', aggregator: 'sum', values: [{ value, labels: {} }] },
  { name: 'things', help: 'Things now.', type: 'gauge', aggregator: 'sum', values: [{ value: 1, labels: {} }] },
];

describe('MetricsFolder', () => {
  let path: string;
  const warnings: string[] = [];
  const open = (): MetricsFolder => new MetricsFolder(path, (message) => warnings.push(message));
  const files = (): string[] => readdirSync(path).toSorted();
  const writeEnded = async (value: number): Promise<void> => open().write(countsOf(value), { ended: true });

  /** The sum over all files. A new reader has no file, so it sees all processes. */
  async function totalOf(reader = open(), name = 'things_total'): Promise<number> {
    const snapshots = await reader.readOthers();
    const metrics = snapshots.flat().filter((metric) => metric.name === name);
    return metrics.flatMap(({ values }) => values).reduce((sum, { value }) => sum + value, 0);
  }

  /** Changes the identity of the writer in a file. */
  function rewrite(name: string, change: object): void {
    const content = JSON.parse(readFileSync(join(path, name), 'utf8')) as { process: object };
    writeFileSync(join(path, name), JSON.stringify({ ...content, process: { ...content.process, ...change } }));
  }

  function age(name: string, seconds: number): void {
    const then = Date.now() / 1000 - seconds;
    utimesSync(join(path, name), then, then);
  }

  beforeEach(() => {
    path = join(mkdtempSync(join(tmpdir(), 'metrics-')), 'new');
    warnings.length = 0;
  });
  afterEach(() => rmSync(join(path, '..'), { recursive: true, force: true }));

  it('gives each process the metrics of the others', async () => {
    const [one, other] = [open(), open()];
    await one.write(countsOf(1));
    await one.write(countsOf(5));
    await other.write(countsOf(2));
    expect([await totalOf(one), await totalOf(other), await totalOf()]).toEqual([2, 5, 7]);
    expect(await totalOf(open(), 'things')).toBe(2);
  });

  it('keeps the counters of ended processes in one file', async () => {
    const living = open();
    await living.write(countsOf(1));
    await writeEnded(10);
    await writeEnded(100);
    expect([await totalOf(), await totalOf(open(), 'things')]).toEqual([111, 1]);
    await open().mergeGone();
    expect(files()).toEqual(['total-1.json', expect.stringMatching(/^worker-/)]);
    expect([await totalOf(), await totalOf(open(), 'things')]).toEqual([111, 1]);
    await writeEnded(1000);
    await open().mergeGone();
    expect(files()).toEqual(['total-2.json', expect.stringMatching(/^worker-/)]);
    expect(await totalOf()).toBe(1111);
  });

  it('tells a killed process from a later one with the same pid', async () => {
    await open().write(countsOf(1));
    rewrite(files()[0] ?? '', { startedAt: '1' });
    const { pid } = spawnSync(process.execPath, ['--version']);
    await open().write(countsOf(10));
    const second = files().find((name) => JSON.parse(readFileSync(join(path, name), 'utf8')).process.startedAt !== '1');
    rewrite(second ?? '', { pid, startedAt: null });
    expect([await totalOf(), await totalOf(open(), 'things')]).toEqual([11, 0]);
    await open().mergeGone();
    expect(files()).toEqual(['total-1.json']);
    expect(await totalOf()).toBe(11);
  });

  it('judges a process whose pid cannot be checked by the age of its file', async () => {
    await open().write(countsOf(7));
    const [name = ''] = files();
    rewrite(name, { pid: 1, pidNamespace: 'elsewhere', host: 'elsewhere' });
    expect(await totalOf(open(), 'things')).toBe(1);
    age(name, 60);
    expect([await totalOf(), await totalOf(open(), 'things')]).toEqual([7, 0]);
    await open().mergeGone();
    expect(files()).toEqual([name]);
    age(name, 2 * 24 * 3600);
    await open().mergeGone();
    expect(files()).toEqual(['total-1.json']);
    expect(await totalOf()).toBe(7);
  });

  it('counts nothing twice if the merging process is killed before it deletes files', async () => {
    await writeEnded(1);
    await open().mergeGone();
    await writeEnded(20);
    const backup = join(path, '..', 'backup');
    cpSync(path, backup, { recursive: true });
    await open().mergeGone();
    cpSync(backup, path, { recursive: true });
    expect(files()).toEqual(['total-1.json', 'total-2.json', expect.stringMatching(/^worker-/)]);
    expect(await totalOf()).toBe(21);
    await writeEnded(300);
    cpSync(path, backup, { recursive: true });
    await open().mergeGone();
    cpSync(backup, path, { recursive: true });
    expect(await totalOf()).toBe(321);
    await open().mergeGone();
    expect(files()).toEqual(['total-3.json']);
    expect(await totalOf()).toBe(321);
  });

  it('deletes the drafts that a crash left after a day', async () => {
    await writeEnded(1);
    writeFileSync(join(path, 'total-1.json.0123456789abcdef.draft'), '{');
    writeFileSync(join(path, 'worker-1-0123456789abcdef.json.draft'), '{');
    await open().mergeGone();
    expect(files()).toHaveLength(3);
    for (const name of files()) age(name, 2 * 24 * 3600);
    await open().mergeGone();
    expect(files()).toEqual(['total-1.json']);
  });

  it.each([
    ['empty', ''],
    ['cut off', '{"process":{"pid":1'],
    ['in another format', '{"metrics":[{}]}'],
    ['null', 'null'],
  ])('leaves out a file that is %s, and warns once', async (_kind, content) => {
    const reader = open();
    await writeEnded(3);
    writeFileSync(join(path, 'worker-1-0123456789abcdef.json'), content);
    expect([await totalOf(reader), await totalOf(reader)]).toEqual([3, 3]);
    await reader.mergeGone();
    expect(warnings).toEqual([expect.stringContaining('worker-1-0123456789abcdef.json cannot be read')]);
    age('worker-1-0123456789abcdef.json', 2 * 24 * 3600);
    await reader.mergeGone();
    expect(files()).toEqual(['total-1.json']);
  });

  it('continues after a total that cannot be read', async () => {
    await writeEnded(3);
    writeFileSync(join(path, 'total-4.json'), '');
    expect(await totalOf()).toBe(3);
    await open().mergeGone();
    expect(files()).toEqual(['total-5.json']);
    expect(await totalOf()).toBe(3);
  });

  it('stays consistent for readers while many processes merge', async () => {
    for (let round = 1; round <= 5; round += 1) {
      for (let worker = 0; worker < 4; worker += 1) await writeEnded(1);
      const sums = await Promise.all([
        ...Array.from({ length: 6 }, async () => totalOf()),
        ...Array.from({ length: 6 }, async () =>
          open()
            .mergeGone()
            .then(() => totalOf()),
        ),
      ]);
      expect(new Set(sums)).toEqual(new Set([round * 4]));
      expect(files()).toHaveLength(1);
    }
  });

  it('never shows a lower count, in any order of events', async () => {
    const step = fc.oneof(
      fc.record({ does: fc.constant('count' as const), who: fc.nat(3), by: fc.nat(9) }),
      fc.record({ does: fc.constant('end' as const), who: fc.nat(3) }),
      fc.record({ does: fc.constant('merge' as const), times: fc.integer({ min: 1, max: 4 }) }),
    );
    const run = async (steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]): Promise<void> => {
      rmSync(path, { recursive: true, force: true });
      const workers = Array.from({ length: 4 }, () => ({ folder: open(), count: 0 }));
      for (const { folder } of workers) await folder.write(countsOf(0));
      const reader = open();
      let [sent, shown] = [0, 0];
      const watch = async (): Promise<void> => {
        const before = shown;
        const sum = await totalOf(reader);
        expect(sum).toBeGreaterThanOrEqual(before);
        shown = Math.max(shown, sum);
      };
      const pending: Promise<unknown>[] = [];
      for (const event of steps) {
        if (event.does === 'merge') {
          pending.push(...Array.from({ length: event.times }, async () => open().mergeGone()), watch());
          continue;
        }
        const worker = workers[event.who];
        if (!worker) continue;
        const by = event.does === 'count' ? event.by : 0;
        [sent, worker.count] = [sent + by, worker.count + by];
        await Promise.all([worker.folder.write(countsOf(worker.count), { ended: event.does === 'end' }), watch()]);
        if (event.does === 'end') workers[event.who] = { folder: open(), count: 0 };
      }
      await Promise.all(pending);
      expect(await totalOf(reader)).toBe(sent);
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), run), { numRuns: 40 });
  });

  it('writes the identity of the process with its counts', async () => {
    await writeEnded(1);
    const [name = ''] = files();
    expect(JSON.parse(readFileSync(join(path, name), 'utf8'))).toEqual({
      process: identifyThisProcess(),
      ended: true,
      metrics: countsOf(1),
    });
  });
});
