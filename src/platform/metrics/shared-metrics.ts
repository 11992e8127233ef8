import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PlatformSettings } from '../config/platform-settings.js';
import { MetricsFolder } from './metrics-folder.js';
import { Metrics } from './metrics.js';
import { exposition, type MetricSnapshot, snapshotOf } from './snapshot.js';

/** Interval of writes. A killed process loses the counts since its last write. */
const WRITE_EVERY_MS = 1000;
const MERGE_EVERY_MS = 10_000;
/** Age at which the folders of other host names and ports are deleted, such as those of former containers. */
const FORGET_AFTER_MS = 7 * 24 * 3_600_000;

/**
 * The metrics of all processes that serve one port of this machine, shared through files (see `MetricsFolder`) because
 * PM2's master cannot collect them. A process that cannot write files reports only its own metrics.
 */
@Injectable()
export class SharedMetrics implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger('Metrics');
  private readonly folder: MetricsFolder;
  private readonly timers: NodeJS.Timeout[] = [];
  private last: Promise<unknown> = Promise.resolve();
  private queued: Promise<MetricSnapshot[]> | undefined;
  private isFailing = false;

  constructor(
    private readonly metrics: Metrics,
    { DATA_DIR, APP_PORT }: PlatformSettings,
  ) {
    const name = `${hostname()}-${APP_PORT}`.replace(/[^A-Za-z0-9._-]/g, '_');
    this.folder = new MetricsFolder(resolve(DATA_DIR, 'metrics', name), (message) => this.log.warn(message));
  }

  onApplicationBootstrap(): void {
    this.every(WRITE_EVERY_MS, () => this.save());
    this.every(MERGE_EVERY_MS, () => this.attempt(() => this.folder.mergeGone()));
    void this.begin();
  }

  /** Cleans up the files of earlier processes at once, because a service may be restarted often. */
  private async begin(): Promise<void> {
    await this.save();
    await this.attempt(() => this.folder.mergeGone());
    await this.forgetOthers().catch(() => undefined);
  }

  /** Writes the final counts, after the last request. */
  async onApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.last;
    const metrics = await snapshotOf(this.metrics.registry);
    await this.attempt(() => this.folder.write(metrics, { ended: true }));
  }

  /**
   * All metrics in the text exposition format. The counts of this process are written first, so that they never
   * decrease, even if the process is killed now.
   */
  async scrape(): Promise<string> {
    const own = await this.save();
    const others = await this.attempt(() => this.folder.readOthers());
    return exposition([own, ...(others ?? [])]);
  }

  /** Writes a snapshot after the previous write, so that none replaces a newer one. Waiting callers share the next. */
  private save(): Promise<MetricSnapshot[]> {
    if (this.queued) return this.queued;
    const saving = this.last.then(async () => {
      this.queued = undefined;
      const metrics = await snapshotOf(this.metrics.registry);
      await this.attempt(() => this.folder.write(metrics));
      return metrics;
    });
    this.queued = saving;
    this.last = saving.catch(() => undefined);
    return saving;
  }

  /** Logs a failure of the folder once until it is over. A failure never fails a scrape. */
  private async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work();
      this.isFailing = false;
      return result;
    } catch (error) {
      if (!this.isFailing) {
        this.log.warn(`metrics cannot be shared, so each process reports only its own: ${(error as Error).message}`);
      }
      this.isFailing = true;
      return undefined;
    }
  }

  private every(milliseconds: number, work: () => Promise<unknown>): void {
    const run = (): void => void work().catch((error: unknown) => this.log.error(error));
    this.timers.push(setInterval(run, milliseconds).unref());
  }

  private async forgetOthers(): Promise<void> {
    const parent = dirname(this.folder.path);
    for (const name of await readdir(parent)) {
      const path = join(parent, name);
      if (path !== this.folder.path && Date.now() - (await stat(path)).mtimeMs > FORGET_AFTER_MS) {
        await rm(path, { recursive: true, force: true });
      }
    }
  }
}
