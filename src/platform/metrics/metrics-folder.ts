import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkLiveness, identifyThisProcess, type ProcessIdentity } from '../processes/process-identity.js';
import { combine, isMetric, type MetricSnapshot, persistentMetrics } from './snapshot.js';

/** What one process has counted, as its file holds it. */
interface WorkerFile {
  process: ProcessIdentity;
  /** It has written for the last time. */
  ended: boolean;
  metrics: MetricSnapshot[];
}

/** What processes that are gone have counted, and the names of their files: one that still lies about counts no more. */
interface TotalFile {
  includes: string[];
  metrics: MetricSnapshot[];
}

interface Contents {
  /** 0 when nothing was folded yet. */
  generation: number;
  total: TotalFile;
  workers: Map<string, WorkerFile & { fate: WorkerState }>;
}

/**
 * `alive`; `gone` for good; `silent`: of a process whose number we cannot look up (another container on this volume)
 * nothing has been heard lately.
 */
type WorkerState = 'alive' | 'silent' | 'gone';

const WORKER = /^worker-\d+-[0-9a-f]{16}\.json$/;
const TOTAL = /^total-(\d+)\.json$/;
const SILENT_AFTER_MS = 30_000;
const GONE_AFTER_MS = 24 * 3_600_000;
const ATTEMPTS = 20;

/**
 * The metrics of several processes in one folder, so that each of them can tell all of them.
 *
 * Every process replaces a file of its own, `worker-….json`. When it is gone, what it counted is folded into the next
 * `total-<n>.json`, which is created exclusively and names the files that it includes; of several that fold at once one
 * wins. What the highest total includes is deleted only after, so that at no moment anything counts twice or not at all:
 * a reader takes that total and the files that it does not include, and starts over where a higher one came meanwhile.
 */
export class MetricsFolder {
  private readonly self = identifyThisProcess();
  private readonly ownName = `worker-${process.pid}-${randomBytes(8).toString('hex')}.json`;
  private readonly warned = new Set<string>();

  /** @param warn told once of each file that cannot be read */
  constructor(
    readonly path: string,
    private readonly warn: (message: string) => void,
  ) {}

  /** Replaces what this process has written before; not to be called again before it is done. */
  async write(metrics: readonly MetricSnapshot[], { ended = false } = {}): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o750 });
    const content = { process: this.self, ended, metrics } satisfies Omit<WorkerFile, 'metrics'> & { metrics: unknown };
    const draft = join(this.path, `${this.ownName}.draft`);
    await writeFile(draft, JSON.stringify(content), { mode: 0o640 });
    await rename(draft, join(this.path, this.ownName));
  }

  /** What the others have counted: of those that run everything, of those that are gone what lasts. */
  async readOthers(): Promise<MetricSnapshot[][]> {
    const { total, workers } = await this.read();
    const others = [...workers].filter(([name]) => name !== this.ownName).map(([, worker]) => worker);
    return [
      ...others.map(({ fate, metrics }) => (fate === 'alive' ? metrics : persistentMetrics(metrics))),
      total.metrics,
    ];
  }

  /** Folds the processes that are gone into a new total, and deletes what nobody needs any more. */
  async mergeGone(): Promise<void> {
    const { generation, total, workers } = await this.read();
    const gone = [...workers].filter(([, { fate }]) => fate === 'gone');
    if (gone.length > 0) {
      const metrics = await combine([total.metrics, ...gone.map(([, worker]) => persistentMetrics(worker.metrics))]);
      // A name that is no longer there never comes back: names are random.
      const present = new Set(await readdir(this.path));
      const includes = [...total.includes.filter((name) => present.has(name)), ...gone.map(([name]) => name)];
      await this.createTotal(generation + 1, { includes, metrics });
    }
    await this.removeObsolete();
  }

  private async read(): Promise<Contents> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const names = await readdir(this.path);
      const generation = latestOf(names);
      const total = await this.readTotal(generation);
      const included = new Set(total.includes);
      const wanted = names.filter((name) => WORKER.test(name) && !included.has(name));
      const files = await Promise.all(wanted.map(async (name) => [name, await this.readWorker(name)] as const));
      // What is deleted was folded into a new total before; so without one nothing of this has vanished.
      if (latestOf(await readdir(this.path)) !== generation) continue;
      return {
        generation,
        total,
        workers: new Map(files.flatMap(([name, worker]) => (worker ? [[name, worker]] : []))),
      };
    }
    throw new Error(`${this.path} changes faster than it can be read`);
  }

  private async readWorker(name: string): Promise<(WorkerFile & { fate: WorkerState }) | undefined> {
    const content = await this.readJson(name, isWorkerFile);
    if (!content) return undefined;
    const fate = await this.findState(name, content);
    if (fate !== 'gone') return { ...content, fate };
    // It may have written once more, and died, since it was read.
    const last = await this.readJson(name, isWorkerFile);
    return last && { ...last, fate };
  }

  private async findState(name: string, { process, ended }: WorkerFile): Promise<WorkerState> {
    if (ended) return 'gone';
    const verdict = checkLiveness(process, this.self);
    if (verdict !== 'unseen') return verdict === 'alive' ? 'alive' : 'gone';
    const age = await this.ageOf(name);
    if (age > GONE_AFTER_MS) return 'gone';
    return age > SILENT_AFTER_MS ? 'silent' : 'alive';
  }

  private async readTotal(generation: number): Promise<TotalFile> {
    const total = generation === 0 ? undefined : await this.readJson(totalName(generation), isTotalFile);
    return total ?? { includes: [], metrics: [] };
  }

  /** @returns undefined for a file that vanished, or that does not hold what it should */
  private async readJson<T>(name: string, holds: (content: unknown) => content is T): Promise<T | undefined> {
    try {
      const content: unknown = JSON.parse(await readFile(join(this.path, name), 'utf8'));
      if (holds(content)) return content;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      if (!(error instanceof SyntaxError)) throw error;
    }
    this.warnUnreadable(name);
    return undefined;
  }

  /** A crash of the whole machine may leave files empty. What they held is lost; the rest still counts. */
  private warnUnreadable(name: string): void {
    if (this.warned.has(name)) return;
    this.warned.add(name);
    this.warn(`${join(this.path, name)} cannot be read, so what it counted is left out`);
  }

  /** Unless another process was faster; a total that comes late, under a higher one, means nothing and is swept away. */
  private async createTotal(generation: number, total: TotalFile): Promise<void> {
    const file = join(this.path, totalName(generation));
    const draft = `${file}.${randomBytes(8).toString('hex')}.draft`;
    await writeFile(draft, JSON.stringify(total), { mode: 0o640 });
    try {
      await link(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** Deletes totals that were succeeded, then the files that the highest includes, and what crashes left behind. */
  private async removeObsolete(): Promise<void> {
    const names = await readdir(this.path);
    const generation = latestOf(names);
    const { includes } = await this.readTotal(generation);
    const succeeded = names.filter((name) => TOTAL.test(name) && name !== totalName(generation));
    for (const name of [...succeeded, ...includes.filter((each) => WORKER.test(each))])
      await rm(join(this.path, name), { force: true });
    for (const name of names.filter((each) => each.endsWith('.draft') || this.warned.has(each))) {
      if ((await this.ageOf(name)) > GONE_AFTER_MS) await rm(join(this.path, name), { force: true });
    }
  }

  private async ageOf(name: string): Promise<number> {
    const changed = await stat(join(this.path, name)).catch(() => undefined);
    return changed ? Date.now() - changed.mtimeMs : 0;
  }
}

function totalName(generation: number): string {
  return `total-${generation}.json`;
}

function latestOf(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => Number(TOTAL.exec(name)?.[1] ?? 0)));
}

function isWorkerFile(content: unknown): content is WorkerFile {
  const { process, ended, metrics } = (content ?? {}) as Partial<WorkerFile>;
  return typeof process?.pid === 'number' && typeof ended === 'boolean' && isMetrics(metrics);
}

function isTotalFile(content: unknown): content is TotalFile {
  const { includes, metrics } = (content ?? {}) as Partial<TotalFile>;
  return Array.isArray(includes) && includes.every((name) => typeof name === 'string') && isMetrics(metrics);
}

function isMetrics(metrics: unknown): metrics is MetricSnapshot[] {
  return Array.isArray(metrics) && metrics.every(isMetric);
}
