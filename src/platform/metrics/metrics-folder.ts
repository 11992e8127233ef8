import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkLiveness, identifyThisProcess, type ProcessIdentity } from '../processes/process-identity.js';
import { combine, isMetric, type MetricSnapshot, persistentMetrics } from './snapshot.js';

/** The file of one process. */
interface WorkerFile {
  process: ProcessIdentity;
  /** Whether this is the last write of the process. */
  ended: boolean;
  metrics: MetricSnapshot[];
}

/** The counts of processes that have ended, and the names of their files, which no longer count. */
interface TotalFile {
  includes: string[];
  metrics: MetricSnapshot[];
}

interface Contents {
  /** 0 if nothing was merged yet. */
  generation: number;
  total: TotalFile;
  workers: Map<string, WorkerFile & { state: WorkerState }>;
}

/**
 * `gone`: ended. `silent`: the pid cannot be checked, because the process runs in another container on this volume, and
 * its file has not changed for `SILENT_AFTER_MS`.
 */
type WorkerState = 'alive' | 'silent' | 'gone';

const WORKER = /^worker-\d+-[0-9a-f]{16}\.json$/;
const TOTAL = /^total-(\d+)\.json$/;
const SILENT_AFTER_MS = 30_000;
const GONE_AFTER_MS = 24 * 3_600_000;
const ATTEMPTS = 20;

/**
 * The metrics of several processes in one folder, so that each process can report all of them.
 *
 * Each process replaces its own file, `worker-….json`. When it has ended, any other process merges its counts into the
 * next `total-<n>.json`. This file is created exclusively, so that one of several merging processes succeeds, and lists
 * the files that it includes. They are deleted afterwards. A reader takes the highest total and the files that it does
 * not include, and starts again if a higher total appears meanwhile: nothing is ever counted twice or missed.
 */
export class MetricsFolder {
  private readonly self = identifyThisProcess();
  private readonly ownName = `worker-${process.pid}-${randomBytes(8).toString('hex')}.json`;
  private readonly warned = new Set<string>();

  /** @param warn called once for each file that cannot be read */
  constructor(
    readonly path: string,
    private readonly warn: (message: string) => void,
  ) {}

  /** Replaces the file of this process. Await each call before the next. */
  async write(metrics: readonly MetricSnapshot[], { ended = false } = {}): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o750 });
    const content = { process: this.self, ended, metrics } satisfies Omit<WorkerFile, 'metrics'> & { metrics: unknown };
    const draft = join(this.path, `${this.ownName}.draft`);
    await writeFile(draft, JSON.stringify(content), { mode: 0o640 });
    await rename(draft, join(this.path, this.ownName));
  }

  /** The metrics of the other processes: all of running ones, only counters and histograms of ended ones. */
  async readOthers(): Promise<MetricSnapshot[][]> {
    const { total, workers } = await this.read();
    const others = [...workers].filter(([name]) => name !== this.ownName).map(([, worker]) => worker);
    return [
      ...others.map(({ state, metrics }) => (state === 'alive' ? metrics : persistentMetrics(metrics))),
      total.metrics,
    ];
  }

  /** Merges the processes that have ended into a new total, and deletes obsolete files. */
  async mergeGone(): Promise<void> {
    const { generation, total, workers } = await this.read();
    const gone = [...workers].filter(([, { state }]) => state === 'gone');
    if (gone.length > 0) {
      const metrics = await combine([total.metrics, ...gone.map(([, worker]) => persistentMetrics(worker.metrics))]);
      // A deleted name never returns, because names are random.
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
      // Files are deleted only after a new total includes them, so without a new total none is missing.
      if (latestOf(await readdir(this.path)) !== generation) continue;
      return {
        generation,
        total,
        workers: new Map(files.flatMap(([name, worker]) => (worker ? [[name, worker]] : []))),
      };
    }
    throw new Error(`${this.path} changes faster than it can be read`);
  }

  private async readWorker(name: string): Promise<(WorkerFile & { state: WorkerState }) | undefined> {
    const content = await this.readJson(name, isWorkerFile);
    if (!content) return undefined;
    const state = await this.findState(name, content);
    if (state !== 'gone') return { ...content, state };
    // The process may have written again and ended since its file was read.
    const last = await this.readJson(name, isWorkerFile);
    return last && { ...last, state };
  }

  private async findState(name: string, { process, ended }: WorkerFile): Promise<WorkerState> {
    if (ended) return 'gone';
    const liveness = checkLiveness(process, this.self);
    if (liveness !== 'unseen') return liveness === 'alive' ? 'alive' : 'gone';
    const age = await this.ageOf(name);
    if (age > GONE_AFTER_MS) return 'gone';
    return age > SILENT_AFTER_MS ? 'silent' : 'alive';
  }

  private async readTotal(generation: number): Promise<TotalFile> {
    const total = generation === 0 ? undefined : await this.readJson(totalName(generation), isTotalFile);
    return total ?? { includes: [], metrics: [] };
  }

  /** @returns undefined for a file that does not exist or has other contents */
  private async readJson<T>(name: string, isValid: (content: unknown) => content is T): Promise<T | undefined> {
    try {
      const content: unknown = JSON.parse(await readFile(join(this.path, name), 'utf8'));
      if (isValid(content)) return content;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      if (!(error instanceof SyntaxError)) throw error;
    }
    this.warnUnreadable(name);
    return undefined;
  }

  /** A crash of the whole machine may leave files empty. Their counts are lost; the others still count. */
  private warnUnreadable(name: string): void {
    if (this.warned.has(name)) return;
    this.warned.add(name);
    this.warn(`${join(this.path, name)} cannot be read, so its counts are left out`);
  }

  /** Creates a total unless another process was faster. A late one, below a higher total, is ignored and deleted. */
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

  /** Deletes lower totals, then the files that the highest total includes, and old drafts and unreadable files. */
  private async removeObsolete(): Promise<void> {
    const names = await readdir(this.path);
    const generation = latestOf(names);
    const { includes } = await this.readTotal(generation);
    const superseded = names.filter((name) => TOTAL.test(name) && name !== totalName(generation));
    for (const name of [...superseded, ...includes.filter((each) => WORKER.test(each))])
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
