import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { identifyThisProcess } from '../processes/process-identity.js';
import { MetricsFolder } from './metrics-folder.js';
import type { MetricSnapshot } from './snapshot.js';

const counted = (value: number): MetricSnapshot[] => [
  { name: 'things_total', help: 'Things.', type: 'counter', aggregator: 'sum', values: [{ value, labels: {} }] },
  { name: 'things', help: 'Things now.', type: 'gauge', aggregator: 'sum', values: [{ value: 1, labels: {} }] },
];

describe('MetricsFolder', () => {
  let path: string;
  const complaints: string[] = [];
  const open = (): MetricsFolder => new MetricsFolder(path, (message) => complaints.push(message));
  const files = (): string[] => readdirSync(path).toSorted();
  const ended = async (value: number): Promise<void> => open().write(counted(value), { ended: true });

  /** A process of its own writes nothing here, so it is told of all others. */
  async function told(reader = open(), name = 'things_total'): Promise<number> {
    const snapshots = await reader.readOthers();
    const metrics = snapshots.flat().filter((metric) => metric.name === name);
    return metrics.flatMap(({ values }) => values).reduce((sum, { value }) => sum + value, 0);
  }

  /** Changes what a file says of its writer. */
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
    complaints.length = 0;
  });
  afterEach(() => rmSync(join(path, '..'), { recursive: true, force: true }));

  it('tells each of the others, and nobody of himself', async () => {
    const [one, other] = [open(), open()];
    await one.write(counted(1));
    await one.write(counted(5));
    await other.write(counted(2));
    expect([await told(one), await told(other), await told()]).toEqual([2, 5, 7]);
    expect(await told(open(), 'things')).toBe(2);
  });

  it('keeps what lasts of who is gone, in one file', async () => {
    const living = open();
    await living.write(counted(1));
    await ended(10);
    await ended(100);
    expect([await told(), await told(open(), 'things')]).toEqual([111, 1]);
    await open().mergeGone();
    expect(files()).toEqual(['total-1.json', expect.stringMatching(/^worker-/)]);
    expect([await told(), await told(open(), 'things')]).toEqual([111, 1]);
    await ended(1000);
    await open().mergeGone();
    expect(files()).toEqual(['total-2.json', expect.stringMatching(/^worker-/)]);
    expect(await told()).toBe(1111);
  });

  it('knows a process that was killed from one that was given its number', async () => {
    await open().write(counted(1));
    rewrite(files()[0] ?? '', { startedAt: '1' });
    const { pid } = spawnSync(process.execPath, ['--version']);
    await open().write(counted(10));
    const second = files().find((name) => JSON.parse(readFileSync(join(path, name), 'utf8')).process.startedAt !== '1');
    rewrite(second ?? '', { pid, startedAt: null });
    expect([await told(), await told(open(), 'things')]).toEqual([11, 0]);
    await open().mergeGone();
    expect(files()).toEqual(['total-1.json']);
    expect(await told()).toBe(11);
  });

  it('judges by its silence a process whose number means nothing here', async () => {
    await open().write(counted(7));
    const [name = ''] = files();
    rewrite(name, { pid: 1, pidNamespace: 'elsewhere', host: 'elsewhere' });
    expect(await told(open(), 'things')).toBe(1);
    age(name, 60);
    expect([await told(), await told(open(), 'things')]).toEqual([7, 0]);
    await open().mergeGone();
    expect(files()).toEqual([name]);
    age(name, 2 * 24 * 3600);
    await open().mergeGone();
    expect(files()).toEqual(['total-1.json']);
    expect(await told()).toBe(7);
  });

  it('counts nothing twice when who folds is killed before he has deleted anything', async () => {
    await ended(1);
    await open().mergeGone();
    await ended(20);
    const backup = join(path, '..', 'backup');
    cpSync(path, backup, { recursive: true });
    await open().mergeGone();
    cpSync(backup, path, { recursive: true });
    expect(files()).toEqual(['total-1.json', 'total-2.json', expect.stringMatching(/^worker-/)]);
    expect(await told()).toBe(21);
    await ended(300);
    cpSync(path, backup, { recursive: true });
    await open().mergeGone();
    cpSync(backup, path, { recursive: true });
    expect(await told()).toBe(321);
    await open().mergeGone();
    expect(files()).toEqual(['total-3.json']);
    expect(await told()).toBe(321);
  });

  it('clears away, in time, what a crash left half done', async () => {
    await ended(1);
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
    ['of another kind', '{"metrics":[{}]}'],
    ['null', 'null'],
  ])('leaves out a file that is %s, and says so once', async (_kind, content) => {
    const reader = open();
    await ended(3);
    writeFileSync(join(path, 'worker-1-0123456789abcdef.json'), content);
    expect([await told(reader), await told(reader)]).toEqual([3, 3]);
    await reader.mergeGone();
    expect(complaints).toEqual([expect.stringContaining('worker-1-0123456789abcdef.json cannot be read')]);
    age('worker-1-0123456789abcdef.json', 2 * 24 * 3600);
    await reader.mergeGone();
    expect(files()).toEqual(['total-1.json']);
  });

  it('goes on after a total that cannot be read', async () => {
    await ended(3);
    writeFileSync(join(path, 'total-4.json'), '');
    expect(await told()).toBe(3);
    await open().mergeGone();
    expect(files()).toEqual(['total-5.json']);
    expect(await told()).toBe(3);
  });

  it('lets one of many fold at a time, under the eyes of who reads', async () => {
    for (let round = 1; round <= 5; round += 1) {
      for (let worker = 0; worker < 4; worker += 1) await ended(1);
      const sums = await Promise.all([
        ...Array.from({ length: 6 }, async () => told()),
        ...Array.from({ length: 6 }, async () =>
          open()
            .mergeGone()
            .then(() => told()),
        ),
      ]);
      expect(new Set(sums)).toEqual(new Set([round * 4]));
      expect(files()).toHaveLength(1);
    }
  });

  it('never shows less than it has shown, whatever happens in which order', async () => {
    const step = fc.oneof(
      fc.record({ does: fc.constant('count' as const), who: fc.nat(3), by: fc.nat(9) }),
      fc.record({ does: fc.constant('end' as const), who: fc.nat(3) }),
      fc.record({ does: fc.constant('fold' as const), times: fc.integer({ min: 1, max: 4 }) }),
    );
    const run = async (steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]): Promise<void> => {
      rmSync(path, { recursive: true, force: true });
      const workers = Array.from({ length: 4 }, () => ({ folder: open(), count: 0 }));
      for (const { folder } of workers) await folder.write(counted(0));
      const reader = open();
      let [sent, shown] = [0, 0];
      const watch = async (): Promise<void> => {
        const before = shown;
        const sum = await told(reader);
        expect(sum).toBeGreaterThanOrEqual(before);
        shown = Math.max(shown, sum);
      };
      const pending: Promise<unknown>[] = [];
      for (const event of steps) {
        if (event.does === 'fold') {
          pending.push(...Array.from({ length: event.times }, async () => open().mergeGone()), watch());
          continue;
        }
        const worker = workers[event.who];
        if (!worker) continue;
        const by = event.does === 'count' ? event.by : 0;
        [sent, worker.count] = [sent + by, worker.count + by];
        await Promise.all([worker.folder.write(counted(worker.count), { ended: event.does === 'end' }), watch()]);
        if (event.does === 'end') workers[event.who] = { folder: open(), count: 0 };
      }
      await Promise.all(pending);
      expect(await told(reader)).toBe(sent);
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), run), { numRuns: 40 });
  });

  it('writes, beside what was counted, who counted it', async () => {
    await ended(1);
    const [name = ''] = files();
    expect(JSON.parse(readFileSync(join(path, name), 'utf8'))).toEqual({
      process: identifyThisProcess(),
      ended: true,
      metrics: counted(1),
    });
  });
});
