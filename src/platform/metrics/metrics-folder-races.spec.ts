/** @own-sources because it replaces modules */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLiveness } from '../processes/process-identity.js';
import { MetricsFolder } from './metrics-folder.js';
import { combine, type MetricSnapshot } from './snapshot.js';

/** Wraps functions of a module in mocks, so that a test can run code of another process inside one of them. */
function wrap(module: string, ...names: string[]): object {
  const actual = jest.requireActual<Record<string, () => unknown>>(module);
  return { ...actual, ...Object.fromEntries(names.map((name) => [name, jest.fn(actual[name])])) };
}
jest.mock('../processes/process-identity.js', () => wrap('../processes/process-identity.js', 'checkLiveness'));
jest.mock('./snapshot.js', () => wrap('./snapshot.js', 'combine'));
jest.mock('node:fs/promises', () => wrap('node:fs/promises', 'readdir'));

const countsOf = (value: number): MetricSnapshot[] => [
  { name: 'things_total', help: 'Things.', type: 'counter', aggregator: 'sum', values: [{ value, labels: {} }] },
];

describe('MetricsFolder, while other processes use it', () => {
  let path: string;
  const open = (): MetricsFolder => new MetricsFolder(path, () => undefined);
  const writeEnded = async (value: number): Promise<void> => open().write(countsOf(value), { ended: true });
  const totalOf = async (): Promise<number> => {
    const values = (await open().readOthers()).flat().flatMap((metric) => metric.values);
    return values.reduce((sum, { value }) => sum + value, 0);
  };
  const combined = jest.mocked(combine).getMockImplementation() ?? combine;

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'metrics-races-'));
  });
  afterEach(() => rmSync(path, { recursive: true }));

  it.each([1, 2])('loses nothing that was merged %i times meanwhile', async (others) => {
    await writeEnded(1);
    jest.mocked(combine).mockImplementationOnce(async (snapshots) => {
      for (let other = 0; other < others; other += 1) {
        await writeEnded(10);
        await open().mergeGone();
      }
      return combined(snapshots);
    });
    await open().mergeGone();
    expect(await totalOf()).toBe(1 + 10 * others);
    expect(readdirSync(path)).toEqual([`total-${others}.json`]);
  });

  it('reads again if a listed file is merged before it is read', async () => {
    await writeEnded(1);
    jest.mocked(readdir).mockImplementationOnce(async () => {
      const names = readdirSync(path);
      await open().mergeGone();
      return names as never;
    });
    expect(await totalOf()).toBe(1);
  });

  it('merges the last counts of a process that writes again and is killed after its file was read', async () => {
    await open().write(countsOf(1));
    const file = join(path, readdirSync(path)[0] ?? '');
    jest.mocked(checkLiveness).mockImplementationOnce(() => {
      const { process } = JSON.parse(readFileSync(file, 'utf8')) as { process: object };
      writeFileSync(file, JSON.stringify({ process, ended: false, metrics: countsOf(5) }));
      return 'dead';
    });
    await open().mergeGone();
    expect(readdirSync(path)).toEqual(['total-1.json']);
    expect(await totalOf()).toBe(5);
  });
});
