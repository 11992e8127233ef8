/** @own-sources because it replaces modules */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLiveness } from '../processes/process-identity.js';
import { MetricsFolder } from './metrics-folder.js';
import { combine, type MetricSnapshot } from './snapshot.js';

/** What happens between two steps of another is made to happen inside the step before. */
function wrap(module: string, ...names: string[]): object {
  const actual = jest.requireActual<Record<string, () => unknown>>(module);
  return { ...actual, ...Object.fromEntries(names.map((name) => [name, jest.fn(actual[name])])) };
}
jest.mock('../processes/process-identity.js', () => wrap('../processes/process-identity.js', 'checkLiveness'));
jest.mock('./snapshot.js', () => wrap('./snapshot.js', 'combine'));
jest.mock('node:fs/promises', () => wrap('node:fs/promises', 'readdir'));

const counted = (value: number): MetricSnapshot[] => [
  { name: 'things_total', help: 'Things.', type: 'counter', aggregator: 'sum', values: [{ value, labels: {} }] },
];

describe('MetricsFolder, while others work in it', () => {
  let path: string;
  const open = (): MetricsFolder => new MetricsFolder(path, () => undefined);
  const ended = async (value: number): Promise<void> => open().write(counted(value), { ended: true });
  const told = async (): Promise<number> => {
    const values = (await open().readOthers()).flat().flatMap((metric) => metric.values);
    return values.reduce((sum, { value }) => sum + value, 0);
  };
  const combined = jest.mocked(combine).getMockImplementation() ?? combine;

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'metrics-races-'));
  });
  afterEach(() => rmSync(path, { recursive: true }));

  it.each([1, 2])('folds nothing away that %i others have folded meanwhile', async (others) => {
    await ended(1);
    jest.mocked(combine).mockImplementationOnce(async (snapshots) => {
      for (let other = 0; other < others; other += 1) {
        await ended(10);
        await open().mergeGone();
      }
      return combined(snapshots);
    });
    await open().mergeGone();
    expect(await told()).toBe(1 + 10 * others);
    expect(readdirSync(path)).toEqual([`total-${others}.json`]);
  });

  it('reads again when what it has listed is folded before it was read', async () => {
    await ended(1);
    jest.mocked(readdir).mockImplementationOnce(async () => {
      const names = readdirSync(path);
      await open().mergeGone();
      return names as never;
    });
    expect(await told()).toBe(1);
  });

  it('folds all that a process counted that wrote once more, and was killed, after its file was read', async () => {
    await open().write(counted(1));
    const file = join(path, readdirSync(path)[0] ?? '');
    jest.mocked(checkLiveness).mockImplementationOnce(() => {
      const { process } = JSON.parse(readFileSync(file, 'utf8')) as { process: object };
      writeFileSync(file, JSON.stringify({ process, ended: false, metrics: counted(5) }));
      return 'dead';
    });
    await open().mergeGone();
    expect(readdirSync(path)).toEqual(['total-1.json']);
    expect(await told()).toBe(5);
  });
});
