import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PlatformSettings } from '../config/platform-settings.js';
import { MetricsFolder } from './metrics-folder.js';
import { Metrics } from './metrics.js';
import { exposition, type MetricSnapshot, snapshotOf } from './snapshot.js';

/** A process that is killed takes with it what it counted since it last wrote. */
const WRITE_EVERY_MS = 1000;
const FOLD_EVERY_MS = 10_000;
/** Of another machine name or port, which this folder was once used under, a container's most likely. */
const FORGET_AFTER_MS = 7 * 24 * 3_600_000;

/**
 * The metrics of all processes that serve one port of this machine, whichever of them is asked. PM2's master is not ours,
 * so they meet in files: see `MetricsFolder`. A process that may not write there tells of itself alone.
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
    const place = `${hostname()}-${APP_PORT}`.replace(/[^A-Za-z0-9._-]/g, '_');
    this.folder = new MetricsFolder(resolve(DATA_DIR, 'metrics', place), (message) => this.log.warn(message));
  }

  onApplicationBootstrap(): void {
    this.every(WRITE_EVERY_MS, () => this.save());
    this.every(FOLD_EVERY_MS, () => this.attempt(() => this.folder.mergeGone()));
    void this.begin();
  }

  /** What is there from before is put in order at once: a service may be restarted often. */
  private async begin(): Promise<void> {
    await this.save();
    await this.attempt(() => this.folder.mergeGone());
    await this.forgetOthers().catch(() => undefined);
  }

  /** Later than every request: what the last ones counted is written. */
  async onApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.last;
    const metrics = await snapshotOf(this.metrics.registry);
    await this.attempt(() => this.folder.write(metrics, { ended: true }));
  }

  /**
   * Everything, in the text exposition format. What it shows of this process has been written before, so that nobody is
   * ever shown less, not even when this process is killed now.
   */
  async scrape(): Promise<string> {
    const own = await this.save();
    const others = await this.attempt(() => this.folder.readOthers());
    return exposition([own, ...(others ?? [])]);
  }

  /** Writes one after the other, since an older snapshot must not replace a newer one; who waits shares the next. */
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

  /** Trouble with the folder is told once, until it is over; it never fails a scrape. */
  private async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work();
      this.isFailing = false;
      return result;
    } catch (error) {
      if (!this.isFailing) {
        this.log.warn(
          `metrics cannot be shared with other processes, so each tells of itself alone: ${(error as Error).message}`,
        );
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
      const place = join(parent, name);
      if (place !== this.folder.path && Date.now() - (await stat(place)).mtimeMs > FORGET_AFTER_MS) {
        await rm(place, { recursive: true, force: true });
      }
    }
  }
}
