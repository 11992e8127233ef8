import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { send } from '../support/http-client.js';
import { scrape, valueIn } from '../support/scrape.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';
import { until } from '../support/until.js';

interface Worker {
  process: ServiceProcess;
  url: string;
}

const LIVE = { route: '/health/live' };
const COUNTERS = /^(\w+(?:_total|_count|_sum|_bucket)(?:\{[^}]*\})?) (\S+)$/gm;

jest.setTimeout(60_000);

let build: ServiceBuild;
let database: DatabaseSettings;
let dataDir: string;
const started: ServiceProcess[] = [];

beforeAll(async () => {
  [build, database] = await Promise.all([ServiceBuild.make(), createDatabase()]);
});
afterAll(async () => {
  await dropDatabase(database);
  build.remove();
});
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'metrics-cluster-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop()));
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(variables: Record<string, string> = {}): Promise<Worker> {
  const process = build.start({ ...variablesOf(database), DATA_DIR: dataDir, DRAIN_DELAY_MS: '0', ...variables });
  started.push(process);
  return { process, url: await process.ready() };
}

function countersIn(text: string): Map<string, number> {
  return new Map([...text.matchAll(COUNTERS)].map(([, series = '', value]) => [series, Number(value)]));
}

/** Scrapes one worker after the other, like Prometheus behind a load balancer, and records counters that decrease. */
class Prometheus {
  readonly decreases: string[] = [];
  scrapes = 0;
  private last = new Map<string, number>();
  private stopped = false;
  private readonly running: Promise<void>;

  constructor(private readonly workers: Worker[]) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    for (let turn = 0; !this.stopped; turn += 1) {
      const { url } = this.workers[turn % this.workers.length] ?? { url: '' };
      // A worker that was just killed does not answer.
      const text = await scrape(url).catch(() => undefined);
      if (text !== undefined) this.compare(countersIn(text));
      await sleep(20);
    }
  }

  private compare(now: Map<string, number>): void {
    for (const [series, before] of this.last) {
      // The last digits of a floating-point sum depend on the order of its terms.
      if ((now.get(series) ?? 0) < before - 1e-9) this.decreases.push(`${series}: ${before}, then ${now.get(series)}`);
    }
    this.last = now;
    this.scrapes += 1;
  }
}

describe('the metrics of several processes', () => {
  it('are the same from each process, and never decrease when one is killed, stopped or started', async () => {
    const workers = await Promise.all([start(), start(), start()]);
    const prometheus = new Prometheus(workers);
    let sent = 0;
    const load = async (times: number): Promise<void> => {
      await Promise.all(
        workers.map(async ({ url }) => {
          for (let time = 0; time < times; time += 1) await send(url, '/health/live');
          sent += times;
        }),
      );
    };
    const everyoneKnows = async (): Promise<void> => {
      for (const { url } of workers) {
        await until(async () => valueIn(await scrape(url), 'http_request_duration_seconds_count', LIVE) === sent);
        expect(valueIn(await scrape(url), 'app_workers')).toBe(workers.length);
      }
    };

    await load(30);
    await everyoneKnows();
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const [victim] = workers.splice(0, 1);
      victim?.process.kill(signal);
      await victim?.process.ended;
      await load(10);
      await everyoneKnows();
      workers.push(await start());
      await load(10);
      await everyoneKnows();
    }
    await prometheus.stop();
    expect(prometheus.decreases).toEqual([]);
    expect(prometheus.scrapes).toBeGreaterThan(20);
  });

  it('are kept in a folder that does not grow with each restart', async () => {
    const [place = ''] = await restart();
    await restart();
    const { url } = await start();
    const kinds = (): string =>
      readdirSync(join(dataDir, 'metrics', place))
        .map(kindOf)
        .toSorted()
        .join();
    await until(() => kinds() === 'total,worker');
    expect(valueIn(await scrape(url), 'http_request_duration_seconds_count', LIVE)).toBe(2);
  });

  const kindOf = (name: string): string => /^(\w+)-[0-9a-f-]+\.json$/.exec(name)?.[1] ?? name;

  /** @returns the folders of metrics */
  async function restart(): Promise<string[]> {
    const { process, url } = await start();
    await send(url, '/health/live');
    expect(await process.stop()).toBe(0);
    return readdirSync(join(dataDir, 'metrics'));
  }

  it('cover only one process if the folder cannot be written, which is logged once', async () => {
    const file = join(dataDir, 'file');
    writeFileSync(file, '');
    chmodSync(file, 0o444);
    const worker = await start({ DATA_DIR: file });
    await send(worker.url, '/health/live');
    for (let time = 0; time < 3; time += 1) {
      expect(valueIn(await scrape(worker.url), 'http_request_duration_seconds_count', LIVE)).toBe(1);
    }
    expect(await worker.process.stop()).toBe(0);
    expect(worker.process.output.match(/metrics cannot be shared/g)).toHaveLength(1);
  });
});
